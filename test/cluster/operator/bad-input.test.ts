// SPDX-License-Identifier: Apache-2.0

/** Bad input: a clear error in the object's own status, and nobody else notices. */

import assert from 'node:assert/strict';
import { type PackedChart, packChart } from '../../kit/chart-repository.ts';
import { type HelmReleaseSpec, untilReleased } from '../../kit/helm-release.ts';
import { type Story, story, WEB_CHART } from './story.ts';

interface BadCase {
  readonly title: string;
  /** What the status must say: the object, the reason, the place. */
  readonly says: readonly RegExp[];
  /** What it must not say. */
  readonly hides?: RegExp;
  readonly spec: (story: Story) => HelmReleaseSpec | Promise<HelmReleaseSpec>;
}

const chartOf = (story: Story, version: string, name = 'web') => ({
  repository: story.repository.url,
  name,
  version,
});

/** A version of the demo chart with one template more. */
async function withTemplate(version: string, template: string): Promise<PackedChart> {
  return await packChart(
    WEB_CHART,
    new Map([
      ['Chart.yaml', `apiVersion: v2\nname: web\nversion: ${version}\n`],
      ['templates/extra.yaml', template],
    ]),
  );
}

async function added(story: Story, version: string, template: string): Promise<HelmReleaseSpec> {
  story.repository.add(await withTemplate(version, template));
  return { chart: chartOf(story, version) };
}

const CASES: readonly BadCase[] = [
  {
    title: 'a chart that the repository does not have',
    says: [/absent/, /not found/],
    spec: (story) => ({ chart: chartOf(story, '1.0.0', 'absent') }),
  },
  {
    title: 'a version that the repository does not have',
    says: [/web/, /9\.9\.9/],
    spec: (story) => ({ chart: chartOf(story, '9.9.9') }),
  },
  {
    title: 'a repository that is down',
    says: [/127\.0\.0\.1:1\b/, /ECONNREFUSED|refused|unreachable/i],
    spec: () => ({ chart: { repository: 'http://127.0.0.1:1', name: 'web', version: '1.0.0' } }),
  },
  {
    title: 'a repository without an index',
    says: [/index\.yaml/, /404/],
    spec: (story) => ({
      chart: { repository: `${story.repository.url}/nowhere`, name: 'web', version: '1.0.0' },
    }),
  },
  {
    title: 'an archive that is broken',
    says: [/web/, /gzip|archive/i],
    spec: (story) => {
      story.repository.add({
        name: 'web',
        version: '2.0.0',
        archive: new TextEncoder().encode('no archive'),
      });
      return { chart: chartOf(story, '2.0.0') };
    },
  },
  {
    title: 'a template that fails, with text and position as Go has them',
    says: [/web\/templates\/extra\.yaml:2:\d+/, /nil pointer evaluating interface \{\}\.deep/],
    spec: (story) => added(story, '2.0.1', 'a: 1\nb: {{ .Values.missing.deep }}\n'),
  },
  {
    title: 'values of the wrong type',
    says: [
      /web\/templates\/migration\.yaml:1:\d+/,
      /can't evaluate field enabled in type interface \{\}/,
    ],
    spec: (story) => ({ chart: chartOf(story, '1.0.0'), values: { migration: 'on' } }),
  },
  {
    title: 'a manifest that is no YAML',
    says: [/YAML parse error on web\/templates\/extra\.yaml/],
    spec: (story) => added(story, '2.0.2', 'kind: ConfigMap\n bad: [indent\n'),
  },
  {
    title: 'a manifest of a kind that the cluster does not know',
    says: [/no matches for kind "Unheard" in version "example\.test\/v1"/],
    spec: (story) =>
      added(story, '2.0.3', 'apiVersion: example.test/v1\nkind: Unheard\nmetadata: {name: x}\n'),
  },
  {
    title: 'a manifest that the API server refuses',
    says: [/ConfigMap/, /Bad_Name/],
    spec: (story) =>
      added(story, '2.0.4', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n'),
  },
  {
    title: 'a namespace that is missing',
    says: [/namespaces? .*no-such-namespace.* not found/],
    spec: (story) => ({ chart: chartOf(story, '1.0.0'), targetNamespace: 'no-such-namespace' }),
  },
  {
    title: 'a release name over 53 characters',
    says: [/must not be longer than 53/],
    spec: (story) => ({ chart: chartOf(story, '1.0.0'), releaseName: 'x'.repeat(54) }),
  },
  {
    title: 'a Secret that is not there',
    says: [/secret/i, /not-there/],
    spec: (story) => ({
      chart: chartOf(story, '1.0.0'),
      valuesFrom: [{ secretKeyRef: { name: 'not-there' } }],
    }),
  },
  {
    title: "a Secret's value that `fail` prints",
    says: [/the password is \*\*\*/],
    hides: /hunter2-hunter2/,
    spec: async (story) => {
      await story.plane.call('POST', `/api/v1/namespaces/${story.namespace}/secrets`, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'loud' },
        stringData: { 'values.yaml': 'auth: {password: hunter2-hunter2}' },
      });
      const spec = await added(
        story,
        '2.0.5',
        '{{ fail (printf "the password is %s" .Values.auth.password) }}',
      );
      return { ...spec, valuesFrom: [{ secretKeyRef: { name: 'loud' } }] };
    },
  },
];

story('bad input is explained in the status and harms nobody else', async (told) => {
  const process = await told.operator();
  await told.apply('good');
  await untilReleased(told.plane, told.namespace, 'good');
  for (const [index, bad] of CASES.entries()) {
    await told.apply(`bad-${index}`, await bad.spec(told));
  }
  for (const [index, bad] of CASES.entries()) {
    const view = await untilReleased(told.plane, told.namespace, `bad-${index}`, 'False');
    const text = view.conditions.map(({ message }) => message).join('\n');
    for (const pattern of bad.says) assert.match(text, pattern, bad.title);
    if (bad.hides !== undefined) {
      assert.doesNotMatch(text, bad.hides, bad.title);
      assert.doesNotMatch(process.log(), bad.hides, `${bad.title} (log)`);
      const { body } = await told.plane.call('GET', `/api/v1/namespaces/${told.namespace}/events`);
      assert.doesNotMatch(JSON.stringify(body), bad.hides, `${bad.title} (events)`);
    }
  }
  await told.apply('good', { values: { message: 'still served' } });
  await untilReleased(told.plane, told.namespace, 'good');
});
