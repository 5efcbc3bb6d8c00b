// SPDX-License-Identifier: Apache-2.0

/** What each code and reason means in a person's words: tables. A test finds every code of the sources here, and no other. */

export type Meanings = Readonly<Record<string, string>>;

/** Codes of `helm/…`. */
export const HELM_MEANINGS: Meanings = {
  'helm/action-failed': 'an action failed; what is below it says why',
  'helm/apply': 'an object could not be written; the answer of the API server says why',
  'helm/build': 'what was rendered is no list of Kubernetes objects',
  'helm/chart': 'the chart cannot be loaded',
  'helm/hook-failed': 'a hook did not succeed',
  'helm/invalid-name': 'the release name is not one that Helm takes',
  'helm/invalid-options': 'options that do not go together',
  'helm/invalid-revision': 'the revision to roll back to is not in the history',
  'helm/name-in-use': 'the release name has an owner',
  'helm/no-deployed-releases': 'there are records, and none was ever deployed',
  'helm/operation-pending': 'another install, upgrade or rollback is under way, or was left behind',
  'helm/ownership': 'an object is there already and belongs to somebody else',
  'helm/record-conflict': 'another writer changed the record meanwhile',
  'helm/record-decode': 'a stored revision cannot be read',
  'helm/record-too-large': 'the record of the revision does not fit into a Secret (1 MiB)',
  'helm/release-exists': 'the number of the revision is taken: another writer was faster',
  'helm/release-not-found': 'there is no such release',
  'helm/render': 'a template failed, or its values are not what the chart demands',
  'helm/render-host': 'the process that renders ended or did not answer; it is started anew',
  'helm/render-memory': 'rendering needed more memory than it may have',
  'helm/render-timeout': 'rendering took longer than it may',
  'helm/storage': 'records could not be read or written; the answer of the API server says why',
  'helm/unreachable': 'the cluster cannot be reached',
  'helm/wait-failed': 'Kubernetes says that an object has failed',
  'helm/wait-impossible':
    'waiting was ended early: something stands in the way that time does not remove',
  'helm/wait-timeout': 'not everything was ready in time',
};

/** Reasons read from answers of the API server. */
export const API_MEANINGS: Meanings = {
  'namespace-terminating': 'the namespace is being deleted',
  quota: 'a ResourceQuota is used up',
  'pod-security': 'the pod does what the Pod Security level of the namespace forbids',
  'webhook-denied': 'an admission webhook or policy refused the object',
  'webhook-down': 'an admission or conversion webhook does not answer',
  'too-large': 'the object is larger than the API server takes',
  'immutable-field': 'a field that cannot change was changed: a selector, a StatefulSet, a Job',
  forbidden: 'the rights (RBAC) do not allow it',
  'field-conflict': 'another manager holds a field (server-side apply)',
  'being-deleted': 'an object of that name is just being deleted',
  conflict: 'somebody else wrote the object at the same time',
  'already-exists': 'somebody else created the object meanwhile',
  'unknown-field': 'the object has a field its kind does not know',
  validation: 'a field has a value its kind does not take',
  'namespace-missing': 'the namespace does not exist',
  'discovery-stale': 'the cluster does not know the kind: its CRD is missing',
  'not-found': 'the object is not there',
  unauthorized: 'the API server does not know who is asking',
  overloaded: 'the API server asks for patience',
  timeout: 'the API server did not answer in time',
  unreachable: 'the API server cannot be reached',
  credentials: 'the kubeconfig cannot be used',
  expired: 'a list grew too old while it was read',
  'server-error': 'the API server failed',
  rejected: 'the API server refused for a reason of its own',
};

/** Codes of `fetch/…`. */
export const FETCH_MEANINGS: Meanings = {
  'fetch/aborted': 'stopped: the HelmRelease changed, or the operator ends',
  'fetch/backing-off': 'the host failed several times and is left alone for a while',
  'fetch/bad-answer': 'the answer is none that such a source gives',
  'fetch/bad-credentials': 'the credentials are not complete or cannot be read',
  'fetch/bad-url': 'the URL cannot be read or has a scheme nobody serves',
  'fetch/cache': 'the cache folder cannot be used',
  'fetch/certificate':
    "the server's certificate is signed by an unknown authority, or is for another host",
  'fetch/certificate-expired': "the server's certificate is out of date",
  'fetch/dns': 'the name of the host is not known',
  'fetch/forbidden': 'the server knows who is asking and refuses',
  'fetch/forbidden-address': 'the host has an address that may not be used (link-local, loopback)',
  'fetch/not-found': 'the server has no such thing',
  'fetch/plugin': 'the downloader plugin failed; its last words are in the message',
  'fetch/rate-limited': 'the server wants to be asked less often',
  'fetch/refused-host-key': 'SSH: the key of the host is unknown or another one than before',
  'fetch/status': 'the server answered with an error; 5xx passes, others do not',
  'fetch/timeout': 'the host did not answer in time',
  'fetch/tls': 'no secure connection came about',
  'fetch/too-large': 'what came is larger than the limit',
  'fetch/too-many-redirects': 'the server sends from one place to the next',
  'fetch/truncated': 'the connection ended before all was there',
  'fetch/unauthorized': 'the server does not know who is asking',
  'fetch/unreachable': 'no connection to the host',
  'fetch/unsupported': 'the source is of a kind that is not served',
  'fetch/wrong-digest': 'the bytes are not those that were promised',
};

interface OtherRow {
  readonly meaning: string;
  readonly mend: string;
  /** As `retry` of `status.failure`. */
  readonly retry: string;
}

/** Codes of `source/…`, `chart/…`, `operator/…` and others, with what mends them. */
export const OTHER_FAILURES: Readonly<Record<string, OtherRow>> = {
  'source/archive': {
    meaning: 'what was fetched is no chart archive',
    mend: 'publish the chart again; check that the URL is the one of a chart',
    retry: 'transient',
  },
  'source/bad-reference': {
    meaning: 'the place of a chart, or a repositories file, cannot be read',
    mend: 'correct `chart.repository`, or the file of `--helm-repository-import`',
    retry: 'terminal',
  },
  'source/bad-version': {
    meaning: '`chart.version` is neither a version nor a range',
    mend: 'write `1.2.3`, `1.2.x`, `>=1.2.0 <2.0.0`',
    retry: 'terminal',
  },
  'source/dependency': {
    meaning: 'a dependency of the chart cannot be brought',
    mend: 'see the message: the repository of the dependency, its version, `Chart.lock`',
    retry: 'transient',
  },
  'source/index': {
    meaning: 'the index of the repository breaks the rules of Helm',
    mend: 'mend the repository: `helm repo index`',
    retry: 'transient',
  },
  'source/no-repository': {
    meaning: 'a dependency names a repository by an alias that is not configured',
    mend: 'write its URL, or configure it with `--helm-repository-import`',
    retry: 'terminal',
  },
  'source/not-found': {
    meaning: 'the repository has no such chart, or no version that fits',
    mend: 'compare `chart.name` and `chart.version` with the repository',
    retry: 'transient',
  },
  'source/unreachable': {
    meaning: 'the repository cannot be had, nobody knows why; else the reason is that of the fetch',
    mend: 'see [fetching](#fetching)',
    retry: 'that of its cause',
  },
  'source/unsupported': {
    meaning: 'the source is of a kind that is not served',
    mend: 'use another kind of source',
    retry: 'terminal',
  },
  'source/unusual-index': {
    meaning: 'never told: an index in an unusual form is read as a whole instead',
    mend: '',
    retry: '',
  },
  'source/verification': {
    meaning: 'a signature is missing or wrong',
    mend: 'see the message: key, identity, provenance file',
    retry: 'that of its cause',
  },
  'chart/archive': {
    meaning: 'the archive cannot be unpacked, or is larger than a chart may be',
    mend: 'package the chart again: `helm package`',
    retry: 'terminal',
  },
  'chart/load': {
    meaning: 'a file of the chart cannot be read: `Chart.yaml`, `values.yaml`, a subchart',
    mend: 'mend the file that the message names',
    retry: 'terminal',
  },
  'chart/invalid': {
    meaning: '`Chart.yaml` breaks the rules of Helm, or the chart is no application',
    mend: 'mend `Chart.yaml`; a library chart cannot be installed',
    retry: 'terminal',
  },
  'chart/values': {
    meaning: 'values cannot be merged',
    mend: 'correct the value that the message names',
    retry: 'terminal',
  },
  'chart/schema': {
    meaning: 'the values break the `values.schema.json` of the chart',
    mend: 'correct the values that the message names, place by place',
    retry: 'terminal',
  },
  'chart/set': {
    meaning: 'a text of `--set` cannot be read',
    mend: 'correct it',
    retry: 'terminal',
  },
  'chart/kube-version': {
    meaning: 'the chart asks for another version of Kubernetes',
    mend: 'use a chart version for this cluster, or another cluster',
    retry: 'terminal',
  },
  'chart/render': {
    meaning: 'a template failed',
    mend: 'see the message: template, line, column and the reason, in the words of Helm',
    retry: 'terminal',
  },
  'chart/post-render': {
    meaning: 'a post-renderer failed',
    mend: 'run it by hand on the output of `helm template`',
    retry: 'terminal',
  },
  'chart/manifest': {
    meaning: 'what a template made is no YAML object',
    mend: 'look at the template with `helm-operator helm template --debug`',
    retry: 'terminal',
  },
  'chart/function-failed': {
    meaning: 'a template function failed',
    mend: 'see the message',
    retry: 'terminal',
  },
  'chart/function-limit': {
    meaning: 'one function call made more text or items than it may',
    mend: 'make the chart build less at once',
    retry: 'terminal',
  },
  'chart/no-crypto': {
    meaning: 'a template function needs cryptography that this place does not have',
    mend: 'render where Node.js runs: the operator and the commands have it',
    retry: 'terminal',
  },
  'chart/der': {
    meaning: 'a certificate or key that a template works on cannot be read',
    mend: 'correct the certificate or key in the values',
    retry: 'terminal',
  },
  'gotemplate/parse': {
    meaning: 'a template breaks the rules of the language',
    mend: 'see the message: template, line and the reason',
    retry: 'terminal',
  },
  'gotemplate/exec': {
    meaning: 'a template failed while it ran',
    mend: 'see the message: template, line, column, action and the reason',
    retry: 'terminal',
  },
  'gotemplate/not-found': {
    meaning: 'a template that was asked for does not exist',
    mend: 'correct its name, or add the file or the library chart that defines it',
    retry: 'terminal',
  },
  'gotemplate/steps': {
    meaning: 'a template takes more steps than it may',
    mend: 'look for a loop that does not end',
    retry: 'terminal',
  },
  'gotemplate/time': {
    meaning: 'a template takes longer than it may',
    mend: 'make the chart do less',
    retry: 'terminal',
  },
  'gotemplate/output-bytes': {
    meaning: 'a template prints more than it may',
    mend: 'make the chart print less',
    retry: 'terminal',
  },
  'gotemplate/elements': {
    meaning: 'functions made longer lists than they may',
    mend: 'use shorter lists',
    retry: 'terminal',
  },
  'gotemplate/depth': {
    meaning: 'templates call each other deeper than they may',
    mend: 'end the recursion',
    retry: 'terminal',
  },
  'operator/values': {
    meaning: 'a source of values is missing or cannot be read',
    mend: 'see the message: ConfigMap or Secret, its key, the URL or the file; never what it holds',
    retry: '`waiting` while something is missing, else `terminal`',
  },
  'operator/chart-secret': {
    meaning:
      'the Secret with the credentials of the chart is missing, lacks a key, or is refused by the host',
    mend: 'create the Secret, correct what it holds, or correct `chartPullSecret` or `secretRef`; it is noticed at once',
    retry: '`waiting`; `terminal` when it is refused',
  },
  'operator/cross-namespace': {
    meaning: 'a reference to another namespace is not allowed',
    mend: 'move the object, give the service account the right, or see `--cross-namespace-references`',
    retry: '`waiting` for a right, else `terminal`',
  },
  'operator/service-account': {
    meaning: 'the service account to act as does not exist',
    mend: 'create it with the rights that the release needs, or name another one',
    retry: 'transient',
  },
  'operator/refused': {
    meaning: 'the HelmRelease asks for what cannot be done: Helm 2, no chart source',
    mend: 'see the message',
    retry: 'terminal',
  },
  'operator/removal': {
    meaning: 'a HelmRelease is being deleted, and its release cannot be uninstalled',
    mend: 'mend what the message names; or let the release stay: `helm-operator.dev/orphan: "true"`',
    retry: 'that of its cause',
  },
  'operator/not-owned': {
    meaning: 'the release belongs to another HelmRelease',
    mend: 'delete that one, or give this one another `releaseName`',
    retry: 'waiting',
  },
  'api/unreadable': {
    meaning: 'a field or annotation of the HelmRelease has a value that cannot be read',
    mend: 'correct the field that the message names',
    retry: 'terminal',
  },
  'api/decode': {
    meaning: 'the same, in commands and below other errors',
    mend: 'correct the field that the message names',
    retry: 'terminal',
  },
  'cli/usage': {
    meaning: 'a command line is wrong',
    mend: 'see `--help`',
    retry: 'terminal',
  },
};

/** Below other errors, never told alone: what the text says is in their message. */
export const INNER_CODES: RegExp = /^(gocompat\/.+|kube\/(merge|selector))$/;
