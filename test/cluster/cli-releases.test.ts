// SPDX-License-Identifier: Apache-2.0

/** A release lives its life twice, by real Helm and by our commands, each in a namespace of its own: every line prints the same. */

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { type CommandResult, runPeer } from '../kit/kubectl.ts';
import { runCli } from '../kit/run-cli.ts';
import { clusterTest, makeNamespace } from '../kit/shared-plane.ts';

const CHART = fileURLToPath(new URL('../../demo/charts/web', import.meta.url));

/** In order: what a line prints depends on those before. Words are split at blanks; `WEB` is the chart. */
const LIFE: readonly string[] = [
  'status web',
  'get values web',
  'upgrade web WEB',
  'uninstall web',
  'uninstall web --ignore-not-found',
  'rollback web',
  'test web',
  'install web ./nope',
  'install Web WEB',
  'install WEB',
  'install web WEB --set a[',
  'install web WEB --set migration=on',
  'install web WEB --hide-secret',
  'install web WEB --dry-run --set auth.password=secret --hide-secret',
  'install web WEB --dry-run=server --set auth.password=secret -o yaml',
  'install web WEB --dry-run=nope',
  'template web WEB --validate',
  'template web WEB --validate --set replicas=many',
  'template web WEB --validate -s templates/service.yaml',
  'install web WEB --set replicas=many',
  'install web WEB --description first -l team=a,tier=b --set-string message=hello',
  'install web WEB',
  'install web2 WEB --name-template x',
  'status web',
  'status web --show-desc',
  'status web -o json',
  'status web -o yaml',
  'status web --revision 7',
  'get values web',
  'get values web -o json',
  'get values web -a',
  'get values web --all -o yaml',
  'get manifest web',
  'get hooks web',
  'get notes web',
  'get metadata web',
  'get metadata web -o json',
  'get metadata web -o yaml',
  'get all web',
  'status web --show-resources -o json',
  'status web --show-resources',
  'get all web --template {{.Release.Name}}/{{.Release.Info.Status}}/{{.Release.Version}}',
  'get all web --template {{range.Release.Hooks}}{{.Name}}{{.Events}}{{.LastRun.Phase}}{{.DeletePolicies}}{{end}}',
  'get all web --template {{.Release.Chart.Metadata.Version}}{{.Release.Chart.Name}}{{.Release.Chart.IsRoot}}',
  'get all web --template {{range.Release.Chart.Templates}}{{.Name}},{{end}}{{.Release.Chart.Values}}{{.Release.Config}}',
  'get all web --template {{.Release.Labels}}{{.Release.Info.Status.IsPending}}{{printf`%T`.Release.Info}}',
  'get all web --template {{eq.Release.Info.Status`deployed`}}{{printf`%s|%v|%q`.Release.Info.Status.Release.Info.Status.Release.Name}}',
  'get all web --template {{.Release.Nope}}',
  'get all web --template {{.Release.Name',
  'get all web --template {{json.Release}}',
  'get all web --template {{.Release.Info.Deleted}}{{.Release.Info.Deleted.IsZero}}',
  'template web WEB --validate --set auth.password=secret --skip-tests',
  'template other WEB --validate --dry-run=server',
  'upgrade web WEB --set message=two --reuse-values --wait',
  'upgrade web WEB --reset-values --dry-run=client',
  'upgrade web WEB --set message=three -o json --hide-notes',
  'upgrade web WEB --recreate-pods --debug=false --history-max 3 -l team=null',
  'upgrade web WEB --set migration.tag=broken,migration.enabled=nope',
  'upgrade web WEB -f nope.yaml',
  'upgrade web ./nope',
  'upgrade web WEB --dry-run=nope',
  'upgrade nobody WEB',
  'history web',
  'rollback web 1',
  'rollback web 99',
  'rollback web x',
  'rollback web 1 --dry-run',
  'rollback web',
  'test web',
  'test web --logs',
  'test web --filter name=nothing',
  'test web --filter !name=web-web-reachable',
  'status web',
  'list',
  'list -l team=a',
  'list -l name=web -q',
  'history web -o yaml',
  'get values web --revision 1',
  'uninstall web --dry-run',
  'uninstall web --cascade nope',
  'uninstall web --keep-history --description gone',
  'status web',
  'list -a',
  'uninstall web --keep-history',
  'install web WEB --replace --no-hooks',
  'upgrade web WEB --install --atomic',
  'uninstall web --wait',
  'upgrade web WEB --install --skip-crds --set message=fresh',
  'upgrade web WEB --reuse-values --wait',
  'status web --show-resources',
  'upgrade web2 ./nope --install',
  'upgrade UPPER WEB --install',
  'upgrade web2 WEB -i --dry-run',
  'uninstall web nobody',
  'list',
];

/** Lines that Helm 4 has no flags for, or answers with what the cluster gave. */
const HELM3_ONLY: readonly RegExp[] = [
  /--show-(?:desc|resources)/,
  /^status web -o /,
  /--validate --dry-run/,
  /--dry-run=server .* -o yaml/,
];

/** The lines as Helm 4 takes them: its own waiting lasts the whole timeout for a hook's object that is gone already. */
function linesOf(profile: 'helm3' | 'helm4'): readonly string[] {
  if (profile === 'helm3') return LIFE;
  return LIFE.filter((line) => !HELM3_ONLY.some((pattern) => pattern.test(line))).map((line) =>
    line
      .replace('--wait', '--wait=legacy')
      .replace('--atomic', '--atomic --wait=legacy')
      .replace('--recreate-pods ', '')
      .replace(/^(?:install|upgrade|rollback|test|uninstall) .*$/, '$& --timeout 20s'),
  );
}

/** Where we do more than Helm, listed in docs/differences.md: what Helm and what we must print. */
const BETTER: ReadonlyMap<string, { readonly theirs: RegExp; readonly ours: RegExp }> = new Map([
  [
    'test web --logs',
    {
      theirs: /unable to get pod logs for web-web-reachable: pods "web-web-reachable" not found/,
      ours: /POD LOGS: web-web-reachable/,
    },
  ],
]);

/** What the cluster gave the objects of each life, and the order of kinds, which Helm leaves to chance. */
function withoutIdentity(text: string): string {
  const plain = text
    .replace(/("(?:uid|resourceVersion|clusterIP)":)"[^"]*"|"clusterIPs":\[[^\]]*\]/g, '$1')
    .replace(/\b10\.96\.\d+\.\d+\b/g, 'IP')
    .replace(/(web-web-[0-9a-f]{6,10})-\w{5}\b/g, '$1-POD')
    .replace(/(?<= )\d+[smh]\d*s?\n/g, 'AGE\n')
    .replace(/ +/g, ' ');
  const [head = '', ...blocks] = plain.split(/^(?===> )|(?<=\n\n)(?=\n)/m);
  return [head, ...blocks.sort()].join('');
}

/** Times, digests of the moment and the namespace taken out. */
function comparable({ code, stdout, stderr }: CommandResult, namespace: string): CommandResult {
  const clean = (text: string) =>
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replace(/^(?:level=|Flag --).*\n/gm, '')
      .replace(/(modifiedAt"?[:=] ?"?)\d+/g, '$1SECONDS')
      .replace(/UPDATED *\t/g, 'UPDATED\t')
      .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| \+0000 UTC)/g, 'TIME')
      // Our records leave out when the files of a chart were made.
      .replace(/,"(?:schema)?modtime":"TIME"/g, '')
      .replace(/\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}/g, 'TIME');
  return { code, stdout: clean(stdout), stderr: clean(stderr) };
}

/** As Helm 4 only in `npm run test:stories`: what it waits for in vain takes minutes. */
const PROFILES =
  process.env['LONG'] === 'true' ? (['helm3', 'helm4'] as const) : (['helm3'] as const);

for (const profile of PROFILES)
  clusterTest(`the life of a release prints the same by ${profile} and by us`, async (plane) => {
    const theirs = await makeNamespace(plane, 'cli-t');
    const ours = await makeNamespace(plane, 'cli-o');
    const different: string[] = [];
    for (const line of linesOf(profile)) {
      const words = line.split(' ').map((word) => (word === 'WEB' ? CHART : word));
      const expected = comparable(
        await runPeer(profile, plane.kubeconfig, [...words, '-n', theirs]),
        theirs,
      );
      const env = {
        KUBECONFIG: plane.kubeconfig,
        PATH: process.env['PATH'] ?? '',
        HELM_OPERATOR_PROFILE: profile,
      };
      const actual = comparable(await runCli(['helm', ...words, '-n', ours], { env }), ours);
      if (line.includes('--show-resources') || profile === 'helm4') {
        for (const result of [expected, actual]) {
          Object.assign(result, { stdout: withoutIdentity(result.stdout) });
        }
      }
      const better = BETTER.get(line);
      try {
        if (better === undefined) assert.deepEqual(actual, expected, line);
        else {
          assert.match(`${expected.stdout}${expected.stderr}`, better.theirs, line);
          assert.match(`${actual.stdout}${actual.stderr}`, better.ours, line);
          assert.equal(actual.code, 0, line);
        }
      } catch (error) {
        different.push(String(error));
        process.stderr.write(`${line}\n${String(error)}\n`);
      }
    }
    assert.deepEqual(different, []);
  });
