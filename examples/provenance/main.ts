// SPDX-License-Identifier: Apache-2.0

/** Tells where each value came from and what it overrode; what a Secret gave is masked wherever it turns up. */

import {
  composeValues,
  explainValue,
  loadChart,
  objectLayer,
  plainValue,
  setLayer,
  yamlLayer,
} from '@helm-operator/chart';
import { readFolder } from '../folder.ts';

const chart = await loadChart(readFolder(new URL('../chart/', import.meta.url)));

const layers = [
  yamlLayer('replicas: 2\nimage:\n  tag: "3.5"\n', { origin: 'values-prod.yaml' }),
  objectLayer({ env: { TOKEN: 'tok-5678' } }, { origin: 'Secret apps/web', isSecret: true }),
  setLayer('image.tag=3.6'),
];
const { redactor } = composeValues(layers);

for (const path of ['image', 'replicas', 'cache.size', 'env']) {
  for (const { path: leaf, value, origin, line, overridden } of explainValue(chart, layers, path)) {
    const place = line === undefined ? origin : `${origin}:${line}`;
    console.log(redactor.redact(`${leaf.join('.')} = ${String(plainValue(value))}  from ${place}`));
    for (const word of overridden) {
      console.log(`    not ${String(plainValue(word.value))}  from ${word.origin}:${word.line}`);
    }
  }
}

console.log(redactor.redact('login failed with tok-5678 (dG9rLTU2Nzg=)'));
