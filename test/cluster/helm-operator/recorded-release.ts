// SPDX-License-Identifier: Apache-2.0

/** Puts the release that `record-helm37.ts` recorded into a namespace, as if Helm Operator 1.4 had made it there. */

import { readFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';

interface Recorded {
  readonly namespace: string;
  readonly records: readonly RecordedObject[];
  readonly objects: readonly RecordedObject[];
}

interface RecordedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
}

const PATHS: ReadonlyMap<string, string> = new Map([
  ['Deployment', '/apis/apps/v1/namespaces/NAMESPACE/deployments'],
  ['Service', '/api/v1/namespaces/NAMESPACE/services'],
  ['ConfigMap', '/api/v1/namespaces/NAMESPACE/configmaps'],
  ['Secret', '/api/v1/namespaces/NAMESPACE/secrets'],
]);

/** @param antecedent whose the objects are marked as */
export async function restoreRelease(
  plane: ControlPlane,
  namespace: string,
  antecedent: string,
): Promise<void> {
  const file = new URL('release-helm-3.7.0.json', import.meta.url);
  const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded;
  const moved = (text: string) => text.replaceAll(recorded.namespace, namespace);
  const create = async (object: RecordedObject) => {
    const path = PATHS.get(object.kind)?.replace('NAMESPACE', namespace) ?? '';
    const { status, body } = await plane.call('POST', `${path}?fieldManager=helm`, object);
    if (status !== 201) throw new Error(`${object.kind}: ${JSON.stringify(body)}`);
  };
  for (const record of recorded.records)
    await create({
      ...record,
      data: { release: movedRecord(record.data?.['release'] ?? '', moved) },
    });
  for (const object of recorded.objects) {
    const { metadata, ...rest } = JSON.parse(moved(JSON.stringify(object))) as RecordedObject;
    const annotations = { ...metadata.annotations, 'helm.fluxcd.io/antecedent': antecedent };
    await create({ ...rest, metadata: { ...metadata, annotations } });
  }
}

/** Base64 of the Secret, base64 of Helm, gzip, JSON. */
function movedRecord(data: string, moved: (text: string) => string): string {
  const packed = Buffer.from(Buffer.from(data, 'base64').toString(), 'base64');
  const text = moved(gunzipSync(packed).toString());
  return Buffer.from(gzipSync(text).toString('base64')).toString('base64');
}
