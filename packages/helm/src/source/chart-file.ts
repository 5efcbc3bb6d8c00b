// SPDX-License-Identifier: Apache-2.0

import { unpackArchive } from '@helm-operator/chart';
import { decodeUtf8 } from '@helm-operator/gocompat';
import type { ChartHandle } from '../actions/options.ts';
import { archivePorts } from './archive-ports.ts';

/**
 * The text of a file of a chart; `undefined` when the chart has no such file. Files of subcharts are below `charts/`.
 *
 * @param path within the chart; what leads out of it finds nothing
 * @throws {ChartError} `chart/archive`
 */
export function readChartFile({ bytes }: ChartHandle, path: string): string | undefined {
  const wanted = path.split('/').filter((part) => part !== '' && part !== '.');
  const file = unpackArchive(bytes, archivePorts).find(({ name }) => name === wanted.join('/'));
  return file === undefined ? undefined : decodeUtf8(file.data);
}
