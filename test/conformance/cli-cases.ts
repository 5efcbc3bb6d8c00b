// SPDX-License-Identifier: Apache-2.0 — a table

/** Charts and command lines that need no cluster; `record-cli.ts` asks Helm what they print. */

import type { Profile } from '@helm-operator/chart';
import { PATH_TEMPLATES, PATH_VALUES } from './cli-paths.ts';

/** Values that Helm 3 and 4 read in their own ways, and some that neither can. */
const ODD_VALUES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    none: '{}',
    documents: 'a: {b: 1, c: [1]}\n---\na: {d: 2, c: null}\n--- # more\n---\ne: 3\n...\n',
    separator: 'a: 1\n--- b\nc: 2\n',
    start: '---\n---\na: 1\n',
    mixed: 'a: 1\n---\n- b\n',
    second: 'a: 1\n---\nb: [\n',
    infinite: 'a: .inf\n',
    twice: 'a: 1\na: 2\n',
    text: 'a\n',
    null: 'null\n',
    anchor: 'a: *b\n',
    far: 'a: &x 1\n---\nb: *x\n',
    keys: '1: 2\ntrue: 3\n~: 4\n',
    control: 'a: \u0001\n',
    directive: '%TAG ! x\n---\na: 1\n',
    version: '%YAML 1.3\n---\na: 1\n',
    mark: '\ufeffa: 1\n---\n\ufeffb: 2\n',
    carriage: 'a: 1\r\n---\r\nb: 2\r\n',
  }).flatMap(([name, values]) => [
    [`odd-${name}/Chart.yaml`, `apiVersion: v2\nname: odd-${name}\nversion: 1.0.0\n`],
    [`odd-${name}/values.yaml`, values],
    [`odd-${name}/templates/a.yaml`, 'v: {{ .Values | toJson }}\n'],
  ]),
);

/** Path → content; written to an empty folder in which the commands run. */
export const FILES: Readonly<Record<string, string>> = {
  'good/Chart.yaml': `apiVersion: v2
name: good
version: 1.2.3
appVersion: "4"
description: A   chart
icon: https://example.com/icon.png
kubeVersion: ">=1.20.0-0"
annotations:
  b: "2"
  a: "1"
maintainers:
- name: Ann
  email: ann@example.com
  url: example.com
dependencies:
- name: child
  version: 0.1.x
  repository: https://example.com/charts
  condition: child.enabled
- name: packed
  version: ^1.0.0
  repository: "@repo"
- name: absent-with-a-name-that-is-a-good-deal-longer-than-what-a-column-of-the-table-may-hold-at-most
  version: ">= 1"
  repository: file://../absent
- name: child
  alias: other
  version: 7.0.0
`,
  'good/values.yaml': '# The defaults\nreplicas: 2\nlist: [1, 2]\nsecret: {password: none}\n',
  'good/README.md': '# Good\n\nA chart.\n',
  'good/templates/NOTES.txt': 'Hello {{ .Release.Name }}\n',
  'good/templates/config.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}
data:
  replicas: {{ .Values.replicas | quote }}
  all: {{ .Values | toJson | quote }}
  kube: {{ .Capabilities.KubeVersion }}
  foo: {{ .Capabilities.APIVersions.Has "foo/v1" | quote }}
  upgrade: {{ .Release.IsUpgrade | quote }}
`,
  'good/templates/secret.yaml': `apiVersion: v1
kind: Secret
metadata:
  name: {{ .Release.Name }}
stringData: {password: {{ .Values.secret.password }}}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Release.Name }}
`,
  'good/templates/test.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: {{ .Release.Name }}-test
  annotations: {"helm.sh/hook": test}
`,
  'good/crds/crd.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: foos.example.com}\n',
  'good/charts/child/Chart.yaml': 'apiVersion: v2\nname: child\nversion: 0.1.9\n',
  'good/charts/child/values.yaml': 'port: 80\n',
  'good/charts/child/templates/service.yaml':
    'apiVersion: v1\nkind: Service\nmetadata:\n  name: child-{{ .Values.port }}\n',
  'good/charts/_notes.txt': 'not a chart',
  'good/charts/stranger/Chart.yaml': 'apiVersion: v2\nname: stranger\nversion: 1.0.0\n',
  'plain/Chart.yaml': 'apiVersion: v2\nname: plain\nversion: 0.1.0\nappVersion: 1.16.0\n',
  'plain/values.yaml': 'name: x\ncount: 1\n',
  'plain/values.schema.json': '{"properties": {"count": {"type": "integer", "maximum": 5}}}',
  'plain/templates/a.yaml':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ required "a name!" .Values.name }}}\n',
  'old/Chart.yaml': `apiVersion: v1
name: old
version: 1.0.0
type: application
deprecated: true
icon: icon.png
sources: [https://ok.example, nope]
maintainers: [{email: x@y.z}]
dependencies: [{name: a, version: 1, repository: ""}]
`,
  'old/requirements.yaml': 'dependencies:\n- {name: b, version: 1.0.0, repository: ""}\n',
  'bad/Chart.yaml': `apiVersion: v3
name: a/b
version: 1.2
appVersion: 1.2
kubeVersion: "<1"
maintainers: [{name: A, email: nobody, url: "x y"}]
`,
  'bad/values.yaml': 'a: [1\n',
  'broken/Chart.yaml': 'a: [\n',
  'names/Chart.yaml': 'apiVersion: v2\nname: names\nversion: 0.0.0-0\nicon: http://x/y\n',
  'names/values.yaml': '',
  'names/templates/_helpers.tpl': '{{ define "x" }}x{{ end }}',
  'names/templates/readme.md': 'what',
  'names/templates/crd.yaml': 'metadata: {name: a, annotations: {"helm.sh/hook": crd-install}}\n',
  'names/templates/time.yml': '# {{ "{{ .Release.Time }}" }}\n',
  'names/templates/indent.yaml': '\n   kind: X\n   metadata: {name: a}\n',
  'names/templates/many.yaml': `apiVersion: v1
kind: Service
metadata: {name: 1abc}
---
kind: Namespace
metadata: {name: a.b}
---
kind: Namespace
metadata: {name: A_}
---
kind: Role
metadata: {name: "a/b%c"}
---
kind: ClusterRole
metadata: {name: ".."}
---
kind: CertificateSigningRequest
metadata: {name: "???"}
---
kind: Pod
metadata: {name: ${'a'.repeat(254)}}
---
kind: ConfigMap
---
---
# nothing
---
apiVersion: extensions/v1beta1
kind: Ingress
metadata: {name: a}
---
apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: a}
---
apiVersion: v1
kind: Endpoints
metadata: {name: a}
---
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: a}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: no-selector}
---
kind: List
metadata: {name: list}
items:
- metadata: {annotations: {"helm.sh/resource-policy": keep}}
- {}
`,
  'names/templates/types.yaml': 'kind: Pod\nmetadata:\n  name: [a]\n',
  'json/Chart.yaml': 'apiVersion: v2\nname: json\nversion: 1.0.0\nicon: http://x/y\n',
  'json/values.yaml': '{}',
  'json/templates/a.yaml': '{"kind": "Service", "metadata": {"name": "9a"}}\n',
  'json/templates/b.yaml': '{"kind": "Service", "metadata": {"name": "9a"}}\n---\nkind: Service\n',
  'fails/Chart.yaml': 'apiVersion: v2\nname: fails\nversion: 1.0.0\nicon: http://x/y\n',
  'fails/values.yaml': '{}',
  'fails/templates/a.yaml': '{{ fail "no way" }}',
  'text/Chart.yaml': 'apiVersion: v2\nname: text\nversion: 1.0.0\nicon: http://x/y\n',
  'text/templates/a.yaml': 'a: b: c\n',
  'library/Chart.yaml': 'apiVersion: v2\nname: library\nversion: 1.0.0\ntype: library\n',
  'paths/Chart.yaml': 'apiVersion: v2\nname: paths\nversion: 1.0.0\n',
  'paths/values.yaml': PATH_VALUES,
  'asks/Chart.yaml': 'apiVersion: v2\nname: asks\nversion: 1.0.0\n',
  'asks/templates/a.yaml': `kube: {{ .Capabilities.KubeVersion }} {{ len .Capabilities.APIVersions }}
upgrade: {{ .Release.IsUpgrade }} {{ .Release.IsInstall }}
hosts:{{ range .Values.hosts }} {{ getHostByName . | quote }}{{ end }}
`,
  ...ODD_VALUES,
  'extra/Chart.yaml': `apiVersion: v2
name: extra
version: "1"
icon: http://x/y
foo: bar
maintainers: [{name: a, phone: 1}]
`,
  'extra/crds/good.yaml':
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n---\n# none\n',
  'extra/crds/other.yaml': 'apiVersion: v1\nkind: Pod\n',
  'extra/crds/zbroken.yaml': 'a: {{ .Values.x }}\n',
  'extra/crds/zz.json': '{}\n',
  'twice/Chart.yaml': 'apiVersion: v2\nname: twice\nname: again\nversion: 1.0.0-01\n',
  'twice/templates/a.YML': ' kind: A\n',
  'three/Chart.yaml': 'apiVersion: v3\nname: three\nversion: 1.0.0\n',
  'three/templates/a.yaml': 'a: {{ .Chart.APIVersion }}\n',
  'nine/Chart.yaml': 'apiVersion: v9\nname: nine\nversion: 1.0.0\n',
  'noname/Chart.yaml': 'apiVersion: v2\nversion: 1.0.0\n',
  'nometa/templates/a.yaml': 'a: 1\n',
  'listed/Chart.yaml': '- a\n',
  'listed-field/Chart.yaml':
    'apiVersion: v2\nname: x\nversion: 1.0.0\nmaintainers: [a]\ndependencies: {a: b}\n',
  'templates-file/Chart.yaml':
    'apiVersion: v2\nname: templates-file\nversion: 1.0.0\nicon: http://x/y\n',
  'templates-file/templates': 'a\n',
  'templates-file/crds': 'a\n',
  'file.txt': 'not a chart\n',
  'values.yaml': 'replicas: 3\nsecret: {password: from file}\n',
  'more.yaml': 'replicas: null\n',
  'list.yaml': '- a\n',
  'tab.yaml': '\ta: 1\n',
};

/** Helm 4 asks for a cluster at once and names an address it made up; we say that no kubeconfig is there. */
const NEEDS_CLUSTER = '--dry-run=server';

/** We add where the plugin is looked for: test/cluster/helm/post-renderers.test.ts has the cases. */
const NAMES_PLUGIN = '--post-renderer';

/** Lines without the word `helm` in front; words are split at blanks, `_` is a blank. */
export function linesOf(profile: Profile): readonly string[] {
  if (profile === 'helm3') return LINES;
  return LINES.filter((line) => !line.includes(NEEDS_CLUSTER) && !line.includes(NAMES_PLUGIN));
}

const LINES: readonly string[] = [
  // What cannot be read.
  'nope',
  'lint --nope',
  'lint -x',
  'lint -qx',
  'lint --set',
  'lint -f',
  'lint --strict=maybe',
  'lint --=x',
  'list x',
  'list -m x',
  'list --max=99999999999999999999',
  'list -o wrong',
  'show values',
  'show values a b',
  'template',
  'template a b c',
  'dependency list a b',
  'history',
  'template plain --kube-version x',
  'template plain --kube-version v1.2',
  'template plain -l x',
  'template plain -l a=b,c',
  'template plain -l owner=x',
  'template plain --timeout x',
  'template plain --timeout 5',
  'template plain -f a"b',
  'template plain --dry-run=maybe',
  'template plain --post-renderer nope',
  'template plain --post-renderer ./nope',
  // show
  'show values good',
  'show chart good',
  'show chart old',
  'show readme good',
  'show readme plain',
  'show crds good',
  'show all good',
  'show all plain',
  'inspect values plain',
  'show chart nope/nope',
  'show chart ./nope',
  'show chart file.txt',
  'show chart values.yaml',
  'show chart bad',
  'show chart broken',
  // dependency list
  'dependency list good',
  'dep ls ./good/',
  'dependency list good --max-col-width 20',
  'dependencies list plain',
  'dependency list old',
  'dependency list nope',
  // lint
  'lint good',
  'lint good --quiet',
  'lint good --strict',
  'lint good --with-subcharts',
  'lint plain',
  'lint plain --set count=7',
  'lint plain --set count=7 --skip-schema-validation',
  'lint plain --set name=',
  'lint plain -n apps',
  'lint old',
  'lint bad',
  'lint broken',
  'lint names',
  'lint names --kube-version 1.15',
  'lint names --kube-version 1.21 --quiet',
  'lint json',
  'lint fails',
  'lint text',
  'lint library',
  'lint nope plain',
  'lint nope.tgz',
  'lint file.txt',
  'lint good plain names --quiet',
  'lint plain --set a[',
  'lint plain -f list.yaml',
  'lint plain -f nope.yaml',
  'lint plain --kube-version x',
  // template
  'template demo plain',
  'template plain',
  'template plain --name-template demo-{{_"A"_|_lower_}}',
  'template plain --name-template {{',
  'template plain --name-template {{_fail_"x"_}}',
  'template plain --name-template UPPER',
  'template UPPER plain',
  'template demo plain --name-template x',
  'template demo plain --generate-name',
  'template -g plain',
  'template demo good',
  'template demo old',
  'template demo library',
  'template demo bad',
  'template demo fails',
  'template demo text',
  'template demo plain --set count=7',
  'template demo plain --set count=7 --skip-schema-validation',
  'template demo plain --set name=',
  'template demo plain --set-string name=1 --set-json name={"a":1}',
  'template demo plain --set-file name=file.txt',
  'template demo plain --set-file name=nope.txt',
  'template demo plain --set-literal name=a,b=c',
  'template demo plain -f tab.yaml',
  'template demo plain -f values.yaml,more.yaml -f list.yaml',
  'template demo plain --post-renderer cat',
  'template demo plain --post-renderer false',
  'template demo plain --post-renderer sed --post-renderer-args s/ConfigMap/Secret/',
  'template demo plain -s templates/a.yaml',
  'template demo plain -s templates/*.yaml -s a.yaml',
  'template demo json --no-hooks',
  'template demo whole',
  'template demo whole -f values.yaml,more.yaml --set-string list[0]=x',
  'template demo whole --include-crds --skip-tests -a foo/v1,bar/v1 --kube-version 1.25',
  'template demo whole --no-hooks --is-upgrade -n apps',
  'template demo whole -s templates/s*.yaml -s templates/test.yaml',
  'template demo whole -s charts/child/templates/service.yaml --set child.port=8',
  'template demo whole --output-dir out',
  'template demo whole --output-dir out --release-name --include-crds --no-hooks',
  'template demo whole --kube-version 1.19',
  'template demo whole --set child=1',
  'template demo asks --dry-run=server',
  'template demo asks --dry-run=server --is-upgrade -a foo/v1 --kube-version 1.30',
  'template demo asks --dry-run=none --output-dir out',
  'template demo asks --dry-run=false -l owner=x',
  'template demo asks --dry-run',
  'template demo whole --dry-run=server --include-crds --skip-tests',
  'template demo whole --dry-run=server --kube-version 1.19',
  'template demo fails --dry-run=server',
  'template demo plain --dry-run=server --set count=7',
  'template demo plain --dry-run=server --post-renderer false',
  'template demo asks --set hosts={localhost,::1}',
  'template demo asks --enable-dns --set hosts={127.0.0.1,::1,0:0:0:0:0:0:0:1}',
  'template demo asks --enable-dns --set hosts={127.1}',
  'template demo asks --enable-dns --set hosts={no-such-name.invalid}',
  'template demo asks --enable-dns --set hosts={}',
  'template demo asks --enable-dns --dry-run=server --set hosts={127.0.0.1,::1}',
  'template demo plain --post-renderer ./file.txt',
  'template demo plain --post-renderer ./plain',
  'template demo plain --post-renderer ./file.txt/x',
  'template demo plain --post-renderer file.txt',
  ...Object.keys(ODD_VALUES)
    .filter((path) => path.endsWith('/values.yaml'))
    .map((path) => path.replace('/values.yaml', ''))
    .flatMap((chart) => [
      `template demo ${chart}`,
      `lint ${chart}`,
      `template demo odd-none -f ${chart}/values.yaml`,
    ]),
  ...['extra', 'twice', 'three', 'nine', 'noname', 'nometa', 'listed', 'listed-field'].flatMap(
    (chart) => [
      `template demo ${chart}`,
      `lint ${chart}`,
      `show chart ${chart}`,
      `dependency list ${chart}`,
    ],
  ),
  'lint templates-file',
  'template demo templates-file',
  'show all templates-file',
  'lint',
  'lint good plain --strict --with-subcharts',
  'lint plain --set count=x --skip-schema-validation --strict',
  'show values whole',
  'lint whole --with-subcharts',
  ...PATH_TEMPLATES.map((template) => `show values paths --jsonpath ${template}`),
];
