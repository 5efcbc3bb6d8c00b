// SPDX-License-Identifier: Apache-2.0

/** A failure's evidence stands in the object's own status, and goes when it is mended. */

import assert from 'node:assert/strict';
import { readHelmRelease, until, untilReleased } from '../../kit/helm-release.ts';
import { story } from './story.ts';

interface Failure {
  readonly [field: string]: unknown;
  readonly culprits?: readonly { readonly [field: string]: unknown }[];
}

story(
  'the status says which link broke, who is to blame, and when it is tried again',
  async (told) => {
    const { plane, namespace, operator, apply } = told;
    await operator();
    const failureOf = async (): Promise<Failure | undefined> =>
      (await readHelmRelease(plane, namespace, 'web'))?.status['failure'] as Failure | undefined;
    const untilFailure = async (link: string): Promise<Failure> => {
      let failure: Failure | undefined;
      const isTold = () =>
        failure?.['link'] === link &&
        (failure['nextAttempt'] ?? failure['waitsForChange']) !== undefined;
      await until(
        `the failure is at ${link}`,
        async () => {
          failure = await failureOf();
          return isTold();
        },
        90_000,
        () => JSON.stringify(failure),
      );
      return failure ?? {};
    };

    const values = { outcome: 'pull', replicas: 1, migration: { enabled: false } };
    await apply('web', { wait: true, timeout: 10, values });
    const pull = await untilFailure('ready');
    assert.equal(
      pull['chain'],
      'source ok, chart ok, values ok, render ok, apply ok, ready failed',
    );
    const [culprit] = pull.culprits ?? [];
    assert.equal(culprit?.['object'], `Deployment ${namespace}/web-web`);
    assert.match(String(culprit?.['pod']), /^web-/);
    assert.match(String(culprit?.['reason']), /ImagePullBackOff/);
    assert.ok(String(culprit?.['mend']).length > 0);
    assert.match(String(pull['nextAttempt']), /^\d{4}-\d\d-\d\dT/);

    const password = 'correct-horse-battery';
    const core = `/api/v1/namespaces/${namespace}/secrets`;
    await plane.call('POST', core, {
      ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'conf' } },
      stringData: { 'values.yaml': `replicas: "${password}"` },
    });
    const valuesFrom = [{ secretKeyRef: { name: 'conf' } }];
    await apply('web', { valuesFrom, values: { migration: { enabled: false } } });
    const refused = await untilFailure('apply');
    assert.ok(
      refused['retry'] === 'terminal' || refused['retry'] === 'unknown',
      String(refused['retry']),
    );
    assert.ok(!JSON.stringify(await readHelmRelease(plane, namespace, 'web')).includes(password));

    await apply('web', {
      chart: { repository: told.repository.url, name: 'nowhere', version: '1.0.0' },
    });
    const source = await untilFailure('chart');
    assert.equal(source['chain'], 'source ok, chart failed');

    await apply('web', { values: { migration: { enabled: false } } });
    const view = await untilReleased(plane, namespace, 'web');
    assert.equal(view.status['failure'], undefined);
  },
);
