// SPDX-License-Identifier: Apache-2.0

/** Values from every kind of source, their order, and what is said of one that cannot be had. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until, untilReleased } from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import { story } from './story.ts';

story('values come from URLs and chart files, and follow the document', async (told) => {
  const { plane, namespace, operator, apply } = told;
  let document = 'message: from the URL\nreplicas: 2\n';
  const server = createServer((request, response) => {
    if (request.url === '/values.yaml') response.end(document);
    else response.writeHead(404).end('swordfish');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const valuesOf = async () =>
    JSON.parse(
      await mustRun('helm3', plane.kubeconfig, [
        'get',
        'values',
        'web',
        '-n',
        namespace,
        '-o',
        'json',
      ]),
    );
  try {
    const running = await operator({ args: ['--charts-sync-interval=2s'] });
    const valuesFrom = [
      { chartFileRef: { path: 'values.yaml' } },
      { externalSourceRef: { url: `${url}/values.yaml` } },
      { externalSourceRef: { url: `${url}/absent.yaml`, optional: true } },
      { chartFileRef: { path: '../../../etc/passwd', optional: true } },
    ];
    await apply('web', { valuesFrom, values: { replicas: 1 } });
    await untilReleased(plane, namespace, 'web');
    const values = await valuesOf();
    assert.equal(values.message, 'from the URL');
    assert.equal(values.replicas, 1, 'inline values win');
    assert.ok(Object.keys(values).length > 2, 'the file of the chart is below');

    document = 'message: changed\n';
    await until(
      'the change is released',
      async () => (await valuesOf()).message === 'changed',
      30_000,
      () => running.log(),
    );

    await apply('web', { valuesFrom: [{ externalSourceRef: { url: `${url}/absent.yaml` } }] });
    const failed = await untilReleased(plane, namespace, 'web', 'False');
    const text = JSON.stringify(failed.conditions);
    assert.match(text, /absent\.yaml/);
    assert.match(text, /404/);
    assert.doesNotMatch(text, /swordfish/);
    await apply('web', { valuesFrom: [{ chartFileRef: { path: '../secret.yaml' } }] });
    const outside = await untilReleased(plane, namespace, 'web', 'False');
    assert.match(
      JSON.stringify(outside.conditions),
      /chartFileRef \.\.\/secret\.yaml: chart web 1\.0\.0 has no such file/,
    );
  } finally {
    server.close();
    server.closeAllConnections();
  }
});
