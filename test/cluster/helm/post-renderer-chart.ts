// SPDX-License-Identifier: Apache-2.0

/** A chart of hooks, comments and styles, and plugins of Helm 4 that do all kinds of things to what it renders. A table. */

import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const CHART: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: rendered\nversion: 1.0.0\n',
  'values.yaml': 'data: one\nbroken: false\n',
  'crds/thing.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: gadgets.rendered.test
spec:
  group: rendered.test
  scope: Namespaced
  names: {plural: gadgets, singular: gadget, kind: Gadget, listKind: GadgetList}
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}
`,
  'templates/_helpers.tpl': '{{ define "x" }}{{ end }}',
  'templates/NOTES.txt': 'Data is {{ .Values.data }}.\n',
  'templates/empty.yaml': '{{ if false }}a: b{{ end }}\n',
  'templates/b.yaml': `# head of b
apiVersion: v1
kind: ConfigMap
metadata:
  name: b # the name
  labels: {app: "b", 'release': {{ .Release.Name }}}
data:
  # before
  one: {{ .Values.data | quote }} # after
  text: |
    two
      lines
  folded: >-
    many
    words
# foot of b
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c, annotations: {}}
data: {one: '{{ .Values.data }}', revision: "{{ .Release.Revision }}"}
`,
  'templates/a.yaml': `apiVersion: v1
kind: Secret
metadata:
  name: a
stringData:
  one: {{ .Values.data }}
{{- if .Values.broken }}
a: b: c
{{- end }}
`,
  'templates/hooks.yaml': `{{- range $weight, $event := list "pre-install,pre-upgrade" "post-install,post-upgrade" "test" }}
---
# a hook
apiVersion: v1
kind: ConfigMap
metadata:
  name: hook-{{ $weight }}
  annotations:
    helm.sh/hook: {{ $event }}
    helm.sh/hook-weight: "{{ $weight }}"
data:
  one: {{ $.Values.data }}
{{- end }}
`,
};

/** Programs by the name of their plugin. */
const PROGRAMS: Readonly<Record<string, string>> = {
  same: 'cat',
  change: 'sed "s/ one: .*/ one: changed/"',
  cut: 'sed "s/one: .*/one: changed/"',
  anonymous: 'sed "/postrender-filename/d"',
  add: `cat
printf -- '---\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: added # here\\ndata: {a: b}\\n'
printf -- '---\\napiVersion: v1\\nkind: ConfigMap\\nmetadata:\\n  name: added-hook\\n  annotations: {"helm.sh/hook": post-install}\\n'`,
  drop: `awk 'BEGIN { RS = "---\\n"; ORS = "" } !/name: b/ && !/name: hook-0/ { print "---\\n" $0 }'`,
  reverse: `awk 'BEGIN { RS = "---\\n" } { doc[NR] = $0 } END { for (i = NR; i > 0; i--) printf "%s%s", doc[i], (i > 1) ? "---\\n" : "" }'`,
  unhook: 'sed "/helm.sh/d"',
  move: `sed "s#rendered/templates/.*.yaml#rendered/templates/moved.yaml#"`,
  nothing: 'true',
  blank: 'printf "\\n  \\n"',
  fail: 'exit 3',
  broken: 'printf "a: b: c\\n"',
  scalar: 'printf "text\\n"',
  list: 'printf "apiVersion: v1\\nkind: List\\nitems:\\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: d}}\\n"',
  given: 'sed "$@"',
};

/** Metadata of plugins that cannot be run, by name. */
const UNFIT: Readonly<Record<string, string>> = {
  absent: 'platformCommand: [{command: no-such-program}]',
  elsewhere: 'platformCommand: [{os: plan9, command: cat}]',
  none: '{}',
  relative: 'platformCommand: [{command: ./no/such/program}]',
};

function metadata(name: string, runtimeConfig: string): string {
  return `apiVersion: v1
type: postrenderer/v1
name: ${name}
version: 0.1.0
runtime: subprocess
runtimeConfig: ${runtimeConfig}
`;
}

/** @returns where both are */
export async function writePostRenderers(
  folder: string,
): Promise<{ readonly chart: string; readonly plugins: string }> {
  const files = new Map<string, string>();
  for (const [path, text] of Object.entries(CHART)) files.set(`chart/${path}`, text);
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const config = `{platformCommand: [{os: plan9, command: no}, {command: "$\{HELM_PLUGIN_DIR}/run"}]}`;
    files.set(`plugins/${name}/plugin.yaml`, metadata(name, config));
    files.set(`plugins/${name}/run`, `#!/bin/sh\n${program}\n`);
  }
  for (const [name, config] of Object.entries(UNFIT)) {
    const shown = config.startsWith('{') ? config : `{${config}}`;
    files.set(`plugins/${name}/plugin.yaml`, metadata(name, shown));
  }
  files.set('plugins/old/plugin.yaml', 'name: old\nversion: 0.1.0\ncommand: cat\n');
  for (const [path, text] of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
    if (path.endsWith('/run')) await chmod(join(folder, path), 0o755);
  }
  return { chart: join(folder, 'chart'), plugins: join(folder, 'plugins') };
}

export const WORKING: readonly string[] = [
  'same',
  'change',
  'anonymous',
  'add',
  'drop',
  'reverse',
  'unhook',
  'move',
  'list',
];

export const FAILING: readonly string[] = [
  'nothing',
  'blank',
  'fail',
  'broken',
  'scalar',
  'cut',
  ...Object.keys(UNFIT),
];
