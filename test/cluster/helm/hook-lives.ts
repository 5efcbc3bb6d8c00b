// SPDX-License-Identifier: Apache-2.0

/** Lives of releases whose hooks fail: every event × delete policy × output-log policy. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '@helm-operator/kube';
import type { Life } from './beside.ts';

const DELETE_POLICIES = ['', 'before-hook-creation', 'hook-succeeded', 'hook-failed'];
const LOG_POLICIES = ['', 'hook-succeeded', 'hook-failed', 'hook-succeeded\\,hook-failed'];
/** What the hooks are. A ConfigMap fails by a label that the API server refuses. */
const KINDS = ['Job', 'Pod', 'ConfigMap'];

/** The first succeeds, the second fails when told to, the third comes after it. */
const TEMPLATE = `{{- range $turn, $name := list "first" "second" "third" }}
{{- $fails := and $.Values.fail (eq $name "second") }}
---
apiVersion: {{ if eq $.Values.kind "Job" }}batch/v1{{ else }}v1{{ end }}
kind: {{ $.Values.kind }}
metadata:
  name: {{ $.Release.Name }}-{{ $name }}
  {{- if and $fails (eq $.Values.kind "ConfigMap") }}
  labels: {refused: "not a label!"}
  {{- end }}
  annotations:
    helm.sh/hook: {{ $.Values.event }}
    helm.sh/hook-weight: {{ $turn | quote }}
    {{- with $.Values.policy }}
    helm.sh/hook-delete-policy: {{ . }}
    {{- end }}
    {{- with $.Values.logs }}
    helm.sh/hook-output-log-policy: {{ . }}
    {{- end }}
    {{- if eq $.Values.kind "Pod" }}
    kit/outcome: {{ ternary "fail" "complete" $fails }}
    kit/log: "log of {{ $name }}\\n"
    {{- end }}
{{- if eq $.Values.kind "ConfigMap" }}
data: {a: b}
{{- else if eq $.Values.kind "Pod" }}
spec:
  restartPolicy: Never
  containers: [{name: c, image: "x:1"}]
{{- else }}
spec:
  backoffLimit: 0
  template:
    metadata:
      annotations:
        kit/outcome: {{ ternary "fail" "complete" $fails }}
        kit/log: "log of {{ $name }}\\n"
    spec:
      restartPolicy: Never
      containers: [{name: c, image: "x:1"}]
{{- end }}
{{- end }}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-plain
data:
  fail: {{ .Values.fail | quote }}
`;

/** By event; `BAD` sets a hook that fails, `GOOD` one that does not. The later run of a hook meets what the failed one left. */
const LINES: readonly (readonly [events: readonly string[], lines: readonly string[]])[] = [
  [
    ['pre-install', 'post-install'],
    ['install a CHART BAD', 'uninstall a', 'install a CHART GOOD'],
  ],
  [
    ['pre-upgrade', 'post-upgrade'],
    ['install a CHART GOOD', 'upgrade a CHART BAD', 'upgrade a CHART GOOD'],
  ],
  [
    ['pre-rollback', 'post-rollback'],
    ['install a CHART BAD', 'upgrade a CHART GOOD', 'rollback a 1', 'rollback a 2'],
  ],
  [
    ['pre-delete', 'post-delete'],
    ['install a CHART BAD', 'uninstall a', 'uninstall a --keep-history', 'status a'],
  ],
  [['test'], ['install a CHART BAD', 'test a', 'upgrade a CHART GOOD', 'test a', 'status a']],
];

interface Shown {
  readonly record: { readonly info: Info; readonly hooks: readonly JsonObject[] };
  readonly labels: JsonObject;
}

interface Info {
  readonly status: string;
  readonly description: string;
}

/** Helm leaves a rollback whose hook failed `pending-rollback`, as it was before that hook ended; we record how it ended. */
function asEnded(theirs: JsonObject, ours: JsonObject): JsonObject {
  const entries = Object.entries(theirs).map(([path, value]): [string, unknown] => {
    const shown = value as unknown as Shown;
    const our = ours[path] as unknown as Shown | undefined;
    const isLeft = shown.record?.info.status === 'pending-rollback';
    const isEnded = our?.record?.info.description.startsWith('Rollback "a" failed: ') === true;
    if (!isLeft || !isEnded) return [path, value];
    const { description } = our.record.info;
    const info = { ...shown.record.info, status: 'failed', description };
    const hooks = shown.record.hooks.map((hook, i) => ({
      ...hook,
      last_run: our.record.hooks[i]?.['last_run'],
    }));
    const labels = { ...shown.labels, status: 'failed' };
    return [path, { record: { ...shown.record, info, hooks }, labels }];
  });
  return Object.fromEntries(entries) as JsonObject;
}

export const HOOK_LIVES: readonly Life[] = LINES.flatMap(([events, lines]) =>
  events.flatMap((event, e) =>
    DELETE_POLICIES.flatMap((policy, p) =>
      LOG_POLICIES.map((logs, l): Life => {
        const kind = KINDS[(e + p + l) % KINDS.length] ?? 'Job';
        const values = `--set event=${event},kind=${kind},policy=${policy},logs=${logs}`;
        const name = `${event}, ${kind}, delete ${policy || 'by default'}, logs ${logs || 'never'}`;
        return {
          name: name.replaceAll('\\,', '+'),
          lines: lines.map((line) =>
            line.replace('GOOD', values).replace('BAD', `${values},fail=true`),
          ),
          ...(event.endsWith('rollback') ? { onPurpose: asEnded } : {}),
        };
      }),
    ),
  ),
);

/** Six lives, of six events. */
export function isSample(life: Life): boolean {
  return HOOK_LIVES.indexOf(life) % 26 === 0;
}

/** @returns the chart's folder */
export async function writeHookChart(parent: string): Promise<string> {
  const folder = join(parent, 'hooks');
  await mkdir(join(folder, 'templates'), { recursive: true });
  await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: hooks\nversion: 1.0.0\n');
  await writeFile(join(folder, 'values.yaml'), 'fail: false\n');
  await writeFile(join(folder, 'templates', 'all.yaml'), TEMPLATE);
  return folder;
}
