// SPDX-License-Identifier: Apache-2.0

/** Objects as rows: what the API server answers to those who ask for a table. */

import type { Json, JsonObject, ObjectTable, TableColumn } from '../cluster.ts';
import { fieldAt, numberAt, objectsAt, textAt } from '../readiness/fields.ts';
import { decodeJsonObject } from './decode-objects.ts';

/** As kubectl asks. Source: helm v3.22.0 pkg/kube/client.go transformRequests */
export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json';

/** @throws {KubeError} `kube/response` */
export function decodeTable(body: Buffer, doing: string): ObjectTable {
  const answer = decodeJsonObject(body, doing);
  if (answer['kind'] === 'Table') {
    return {
      columns: objectsAt(answer, 'columnDefinitions').map(columnOf),
      rows: objectsAt(answer, 'rows').map((row) => cellsOf(fieldAt(row, 'cells'))),
    };
  }
  // An aggregated server that knows no tables.
  const objects = Array.isArray(answer['items']) ? objectsAt(answer, 'items') : [answer];
  return plainTable(objects);
}

/** Names alone. */
export function plainTable(objects: readonly JsonObject[]): ObjectTable {
  const column = { type: 'string', format: '', description: '', priority: 0 };
  return {
    columns: [
      { ...column, name: 'Name', format: 'name' },
      { ...column, name: 'Age' },
    ],
    rows: objects.map((object) => [textAt(object, 'metadata.name'), '<unknown>']),
  };
}

function columnOf(column: JsonObject): TableColumn {
  return {
    name: textAt(column, 'name'),
    type: textAt(column, 'type'),
    format: textAt(column, 'format'),
    description: textAt(column, 'description'),
    priority: numberAt(column, 'priority', 0),
  };
}

function cellsOf(cells: Json | undefined): readonly Json[] {
  return Array.isArray(cells) ? cells : [];
}
