// SPDX-License-Identifier: Apache-2.0

/** Command lines run twice, by real Helm and by our commands, each in a namespace of its own: what differs after each. */

import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import type { Json, JsonObject } from '@helm-operator/kube';
import type { ControlPlane } from '../../kit/control-plane/control-plane.ts';
import { type CommandResult, runPeer } from '../../kit/kubectl.ts';
import { runCli } from '../../kit/run-cli.ts';
import { makeNamespace } from '../../kit/shared-plane.ts';

/** Words are split at blanks; `CHART` is the chart. */
export interface Life {
  readonly name: string;
  readonly lines: readonly string[];
  /** The cluster after Helm, where we do otherwise on purpose. */
  readonly onPurpose?: (theirs: JsonObject, ours: JsonObject) => JsonObject;
}

/** Helm 4 waits for what had gone before it looked until its time is over. */
const TIMEOUT = '12s';

/** Times and the namespace taken out. */
function comparable(text: string, namespace: string): string {
  return (
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replace(/UPDATED *\t/g, 'UPDATED\t')
      .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, 'UID')
      // Helm 4 hands what a hook's pod said to its own log.
      .replace(/^level=INFO msg="(log of [^"]*)"$/gm, '$1')
      // Ages of objects.
      .replace(/ +(?:\d+[smh])+$/gm, ' AGE')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 UTC) */g, 'TIME')
      .replace(/\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, 'TIME')
      // Our records leave out when the files of a chart were made.
      .replace(/,"(?:schema)?modtime":"TIME"/g, '')
  );
}

/** What only one of the two says of itself: evidence of ours, log lines of klog, slog and pflag, and warnings. */
const ASIDE =
  /^(?: {2}\w+ NAMESPACE\/.*|I\d{4} .*(?:warnings|reflector)\.go.*|Warning: .*|level=(?:WARN|INFO|ERROR) .*|Flag --\S+ has been deprecated, .*)\n/gm;

function said({ code, stdout, stderr }: CommandResult, namespace: string): CommandResult {
  const clean = (text: string) => comparable(text, namespace);
  return { code, stdout: clean(stdout), stderr: clean(stderr).replace(ASIDE, '') };
}

const KINDS = [
  '/api/v1/namespaces/NS/configmaps',
  '/api/v1/namespaces/NS/services',
  '/api/v1/namespaces/NS/secrets',
  '/api/v1/namespaces/NS/pods',
  '/apis/batch/v1/namespaces/NS/jobs',
  '/apis/odd.test/v1/namespaces/NS/things',
];

async function itemsAt(plane: ControlPlane, path: string): Promise<readonly JsonObject[]> {
  for (;;) {
    const { status, body } = await plane.call('GET', path);
    if (status === 404) return [];
    if (status === 200) return (body as { readonly items: JsonObject[] }).items;
    // The API server is about to serve a kind of a definition that is new.
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

interface Metadata {
  readonly name: string;
  readonly annotations?: Json;
  readonly ownerReferences?: Json;
  readonly deletionTimestamp?: string;
}

async function sight(plane: ControlPlane, namespace: string): Promise<JsonObject> {
  const seen: JsonObject = {};
  for (const path of KINDS) {
    for (const item of await itemsAt(plane, path.replace('NS', namespace))) {
      const { name, annotations = null, ...more } = item['metadata'] as unknown as Metadata;
      if (name === 'kube-root-ca.crt') continue;
      // A Job's pods have names of their own; what is leaving has left.
      if (more.ownerReferences !== undefined || more.deletionTimestamp !== undefined) continue;
      const shown =
        item['type'] === 'helm.sh/release.v1'
          ? recordOf(item)
          : {
              annotations,
              data: item['data'] ?? null,
              spec: path.includes('things') ? (item['spec'] ?? null) : null,
            };
      seen[`${path}/${name}`] = JSON.parse(comparable(JSON.stringify(shown), namespace)) as Json;
    }
  }
  return seen;
}

/** The record but for the chart's files, which charts of other tests compare. */
function recordOf(secret: JsonObject): JsonObject {
  const { release } = secret['data'] as { readonly release: string };
  const packed = Buffer.from(Buffer.from(release, 'base64').toString(), 'base64');
  const { chart: _, ...record } = JSON.parse(gunzipSync(packed).toString()) as JsonObject;
  const metadata = secret['metadata'] as { readonly labels: JsonObject };
  const { createdAt: _c, modifiedAt: _m, ...labels } = metadata.labels;
  return { record, labels };
}

export type Peer = 'helm3' | 'helm4';

/** Helm 4 lists releases of every status and no longer knows `-a`, nor `test --hide-notes`; a replacement goes with client-side writes alone. */
function wordsOf(line: string, helm: Peer): readonly string[] {
  if (helm === 'helm3') return line.split(' ');
  const words = line.replace(/^(test .*) --hide-notes/, '$1').split(' ');
  const isWaiting = ['--atomic', '--wait'].some((flag) => words.includes(flag));
  if ((isWaiting || words[0] === 'test') && !words.includes('--timeout'))
    return [...words, '--timeout', TIMEOUT];
  if (words.includes('--force')) return [...words, '--server-side=false'];
  return words[0] === 'list' ? words.filter((word) => word !== '-a') : words;
}

export interface LifeBeside {
  readonly life: Life;
  readonly helm: Peer;
  /** Given to both. */
  readonly env?: Readonly<Record<string, string>>;
}

/** @returns what differs, each with the line after which it does */
export async function liveBeside(
  plane: ControlPlane,
  { life, helm, env: more = {} }: LifeBeside,
  chart: string,
): Promise<readonly string[]> {
  const theirs = await makeNamespace(plane, 'odd-t');
  const ours = await makeNamespace(plane, 'odd-o');
  const env = {
    KUBECONFIG: plane.kubeconfig,
    PATH: process.env['PATH'] ?? '',
    HELM_OPERATOR_PROFILE: helm,
    ...more,
  };
  const different: string[] = [];
  const compare = (line: string, actual: unknown, expected: unknown) => {
    try {
      assert.deepEqual(actual, expected);
    } catch (error) {
      different.push(`${helm} ${life.name}: ${line}: ${String(error)}`);
    }
  };
  const { onPurpose = (seen) => seen } = life;
  for (const line of life.lines) {
    const words = wordsOf(line, helm).map((word) => (word === 'CHART' ? chart : word));
    const peer = words[0] === 'kubectl' ? 'kubectl' : helm;
    const run = (namespace: string) => {
      const args = peer === 'kubectl' ? words.slice(1) : words;
      return runPeer(peer, plane.kubeconfig, [...args, '-n', namespace], undefined, more);
    };
    const expected = said(await run(theirs), theirs);
    const result = peer === 'kubectl' ? run(ours) : runCli(['helm', ...words, '-n', ours], { env });
    compare(line, said(await result, ours), expected);
    const [our, their] = [await sight(plane, ours), await sight(plane, theirs)];
    compare(`${line} [cluster]`, our, onPurpose(their, our));
  }
  return different;
}
