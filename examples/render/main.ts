// SPDX-License-Identifier: Apache-2.0

/** Renders a chart, as `helm template shop CHART -n apps -f values.yaml --set …` does. */

import { loadChart, renderRelease, setLayer, yamlLayer } from '@helm-operator/chart';
import { nodePorts } from '@helm-operator/chart/node';
import { readFolder } from '../folder.ts';

const chart = await loadChart(readFolder(new URL('../chart/', import.meta.url)));

const { manifest, notes } = renderRelease(chart, {
  ports: nodePorts(),
  name: 'shop',
  namespace: 'apps',
  layers: [
    yamlLayer('replicas: 3\nenv: {MODE: fast, LEVEL: 2}\n', { origin: 'values-prod.yaml' }),
    setLayer('image.tag=3.5,cache.port=6380'),
  ],
});

console.log(manifest);
console.log(notes);
