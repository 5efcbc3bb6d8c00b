// SPDX-License-Identifier: Apache-2.0

/** Gives templates a function of one's own: `secretOf "path"`, answered from a store. */

import { ChartError, loadChart, renderRelease } from '@helm-operator/chart';
import { nodePorts } from '@helm-operator/chart/node';
import { defineFunction } from '@helm-operator/gotemplate';

const store = new Map([['db/password', 'pass-1234']]);

const secretOf = defineFunction('secretOf', (path) => {
  const found = store.get(String(path));
  if (found === undefined) throw new Error(`the store has no ${String(path)}`);
  return found;
});

const template = (path: string): string => `apiVersion: v1
kind: Secret
metadata:
  name: db
stringData:
  password: {{ secretOf "${path}" | upper | quote }}
`;

const chartOf = (path: string) =>
  loadChart([
    ['Chart.yaml', 'apiVersion: v2\nname: db\nversion: 1.0.0\n'],
    ['templates/secret.yaml', template(path)],
  ]);

const options = { ports: nodePorts(), functions: [secretOf] };
console.log(renderRelease(await chartOf('db/password'), options).manifest);

try {
  renderRelease(await chartOf('db/none'), options);
} catch (error) {
  if (!(error instanceof ChartError)) throw error;
  console.log(error.code, error.message);
}
