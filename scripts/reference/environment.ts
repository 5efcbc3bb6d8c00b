// SPDX-License-Identifier: Apache-2.0

/** Variables the operator reads beside those of its flags; a test finds each in the code. */

export const ENVIRONMENT: readonly { readonly names: readonly string[]; readonly help: string }[] =
  [
    {
      names: ['HELM_VERSION'],
      help: 'what `--enabled-helm-versions` says, where the flag is not given',
    },
    {
      names: ['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
      help: 'set by Kubernetes in every pod: with the first the operator takes itself to be in a cluster, uses its service account and elects a leader',
    },
    {
      names: ['KUBECONFIG'],
      help: 'outside of a cluster and without `--kubeconfig`: as for kubectl; else `~/.kube/config`',
    },
    {
      names: ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'],
      help: 'also in small letters: proxies for charts, values from URLs, Git over HTTPS and the API server ([proxies](../sources.md#proxies))',
    },
    {
      names: ['HELM_PLUGINS', 'HELM_DATA_HOME', 'XDG_DATA_HOME'],
      help: 'where downloader plugins are looked for, as by Helm 3 ([plugins](../sources.md#plugins))',
    },
    { names: ['TZ'], help: 'the time zone that templates see' },
  ];
