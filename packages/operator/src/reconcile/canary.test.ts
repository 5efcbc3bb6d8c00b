// SPDX-License-Identifier: Apache-2.0

/** A secret value turns up in whatever a chart, its schema, its YAML or the API server says: nobody is told. */

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { RenderPool } from '@helm-operator/helm';
import { systemClock } from '@helm-operator/kube';
import { ReconcileWorld } from '../../../../test/kit/reconcile-world.ts';
import { chartHandle } from '../../../../test/kit/tarball.ts';

const CANARY = 'canary-7f3a: "b\'1"';
const FORMS = [CANARY, Buffer.from(CANARY).toString('base64'), 'canary-7f3a', 'Y2FuYXJ5LT'];

const pool = new RenderPool({
  nodePath: process.execPath,
  entryPath: fileURLToPath(new URL('../../../helm/src/render-host/main.ts', import.meta.url)),
  memoryLimitMiB: 256,
  timeLimitMs: 60_000,
  clock: systemClock,
});
after(() => pool.close());

interface Row {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  /** What the API server says. */
  readonly refusal?: string;
  /** Is told all the same. */
  readonly told: RegExp;
}

const MAP = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n';

const ROWS: readonly Row[] = [
  {
    name: 'fail',
    files: { 'templates/a.yaml': '{{ fail (printf "bad login: %s" .Values.password) }}' },
    told: /bad login: \*\*\*/,
  },
  {
    name: 'fail, in base64 and quoted',
    files: {
      'templates/a.yaml': '{{ fail (printf "%s %q" (b64enc .Values.password) .Values.password) }}',
    },
    told: /execution error at \(web\/templates\/a.yaml:1:3\)/,
  },
  {
    name: 'a function that prints its argument',
    files: { 'templates/a.yaml': '{{ .Values.password | mustToDate "2006" }}' },
    told: /error calling mustToDate/,
  },
  {
    name: 'the schema',
    files: {
      'values.schema.json': '{"properties":{"password":{"pattern":"^x$","enum":["x"]}}}',
      'templates/a.yaml': MAP,
    },
    told: /values don't meet the specifications of the schema/,
  },
  {
    name: 'YAML that cannot be read',
    files: { 'templates/a.yaml': 'kind: ConfigMap\nmetadata: {{ .Values.password }}\n' },
    told: /YAML parse error on web\/templates\/a.yaml/,
  },
  {
    name: 'what the API server says',
    files: { 'templates/a.yaml': `${MAP}data:\n  p: {{ .Values.password | quote }}\n` },
    refusal: `ConfigMap "web" is invalid: data.p: Invalid value: ${JSON.stringify(CANARY)}: must be short`,
    told: /ConfigMap "web" is invalid: data.p: Invalid value: .*must be short/,
  },
];

for (const { name, files, refusal, told } of ROWS) {
  test(`${name}: a secret is masked in status, events and log`, async () => {
    const world = new ReconcileWorld({
      spec: { valuesFrom: [{ secretKeyRef: { name: 'login' } }] },
      real: { chart: chartHandle(files), render: pool },
    });
    world.refusal = refusal;
    await world.start({});
    world.cluster.seed({
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login', namespace: 'default' } },
      data: {
        'values.yaml': Buffer.from(`password: ${JSON.stringify(CANARY)}\n`).toString('base64'),
      },
    });
    await world.turn();
    const status = JSON.stringify(await world.status());
    assert.match((await world.conditions()).get('Released') ?? '', told);
    const said = [status, ...(await world.events()), world.logText()].join('\n');
    for (const form of [...FORMS, JSON.stringify(CANARY).slice(1, -1)]) {
      assert.ok(!said.includes(form), `${form} stands in ${said}`);
    }
  });
}
