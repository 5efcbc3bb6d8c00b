// SPDX-License-Identifier: Apache-2.0

/** `helm template` where a cluster is asked, beside Helm: `--validate`, `--dry-run=server` and their company. */

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type CommandResult, runPeer } from '../kit/kubectl.ts';
import { runCli } from '../kit/run-cli.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';

const FILES: Readonly<Record<string, string>> = {
  'chart/Chart.yaml': 'apiVersion: v2\nname: asking\nversion: 1.0.0\n',
  'chart/values.yaml': 'name: asked\nkind: ConfigMap\n',
  'chart/crds/crd.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: foos.example.com}\n',
  'chart/templates/a.yaml': `apiVersion: v1
kind: {{ .Values.kind }}
metadata: {name: {{ .Values.name }}}
data:
  kube: {{ .Capabilities.KubeVersion.Version | quote }}
  kinds: {{ .Capabilities.APIVersions.Has "apps/v1/Deployment" | quote }}
  given: {{ .Capabilities.APIVersions.Has "foo/v1" | quote }}
  upgrade: "{{ .Release.IsUpgrade }} {{ .Release.IsInstall }}"
  {{- if .Values.look }}
  found: {{ (lookup "v1" "Namespace" "" .Release.Namespace).metadata.name | quote }}
  listed: {{ (lookup "v1" "ConfigMap" .Release.Namespace "").items | len | quote }}
  absent: {{ lookup "v1" "ConfigMap" .Release.Namespace "absent" | toJson | quote }}
  {{- end }}
  {{- if .Values.strange }}
  strange: {{ lookup "nope/v1" "Nope" "" "x" | toJson | quote }}
  {{- end }}
{{- if .Values.invalid }}
a: b: c
{{- end }}
`,
  'chart/templates/hook.yaml':
    'apiVersion: v1\nkind: Pod\nmetadata: {name: hook, annotations: {"helm.sh/hook": test}}\n',
};

/** Words that are files of the test's folder. */
const IN_FOLDER: ReadonlySet<string> = new Set(['upper', 'out']);

/** Words are split at blanks. */
const LINES: readonly string[] = [
  '--dry-run=server',
  '--dry-run=server --set look=1',
  '--dry-run=none --set look=1',
  '--dry-run=false --set look=1',
  '--dry-run=true --set look=1',
  '--dry-run=server --set strange=1',
  '--dry-run=server --set invalid=1',
  '--dry-run=server --set invalid=1 --debug=true',
  '--dry-run=server --is-upgrade -a foo/v1 --kube-version 1.30 --set look=1',
  '--dry-run=server --set kind=Nope,name=taken',
  '--dry-run=server --include-crds --output-dir out --set look=1',
  '--dry-run=server --post-renderer upper --include-crds -s templates/a.yaml',
  '--validate',
  '--validate --set look=1',
  '--validate --dry-run=server --set look=1',
  '--validate --set look=1 --dry-run=none',
  '--validate --is-upgrade -a foo/v1 --kube-version 1.30',
  '--validate --set kind=Nope',
  '--validate --set name=taken',
  '--validate --set name=taken --is-upgrade',
  '--validate --set name=taken --take-ownership',
  '--validate --set invalid=1',
  '--validate --include-crds',
  '--validate --include-crds --skip-crds --no-hooks',
  '--validate --set kind=Nope --output-dir out',
  '--validate --post-renderer upper',
  '--validate --post-renderer false',
];

async function writeFiles(folder: string): Promise<void> {
  for (const [path, text] of Object.entries(FILES)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  await writeFile(join(folder, 'upper'), '#!/bin/sh\nexec sed s/kube:/KUBE:/\n');
  await chmod(join(folder, 'upper'), 0o755);
}

/** What was written to `out/`, which is then removed. */
async function takeOutput(folder: string): Promise<readonly string[]> {
  const out = join(folder, 'out');
  const entries = await readdir(out, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return `${path}: ${await readFile(path, 'utf8')}`;
  });
  const written = (await Promise.all(texts)).sort();
  await rm(out, { recursive: true, force: true });
  return written;
}

/** Helm's log of `lookup` taken out; with `--debug` all that is told. */
function withoutLog(result: CommandResult, line: string): CommandResult {
  const isDebug = line.includes('--debug');
  const stderr = isDebug ? '' : result.stderr.replace(/^\S+\.go:\d+:.*\n/gm, '');
  return { ...result, stderr };
}

clusterTest('helm template asks the cluster where Helm does', async (plane) => {
  const namespace = await makeNamespace(plane, 'template');
  const taken = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'taken' } };
  await plane.call('POST', `/api/v1/namespaces/${namespace}/configmaps`, taken);
  const folder = await mkdtemp(join(tmpdir(), 'helm-operator-template-'));
  const different: string[] = [];
  try {
    await writeFiles(folder);
    const env = { KUBECONFIG: plane.kubeconfig, PATH: process.env['PATH'] ?? '' };
    for (const line of LINES) {
      const options = line
        .split(' ')
        .map((word) => (IN_FOLDER.has(word) ? join(folder, word) : word));
      const words = ['template', 'demo', join(folder, 'chart'), ...options, '-n', namespace];
      const theirs = withoutLog(await runPeer('helm3', plane.kubeconfig, words), line);
      const theirFiles = await takeOutput(folder);
      const ours = withoutLog(await runCli(['helm', ...words], { env, folder }), line);
      try {
        assert.deepEqual(ours, theirs, line);
        assert.deepEqual(await takeOutput(folder), theirFiles, line);
      } catch (error) {
        different.push(String(error));
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  assert.deepEqual(different, []);
});
