// SPDX-License-Identifier: Apache-2.0

/**
 * The one table of what can go wrong with a release: whether a retry can help, and what a person can do. Answers of the API server are
 * told apart by their code and their words, errors of this room by their code. A table file.
 */

import { isKubeError, type KubeError, type KubeErrorCode } from '@helm-operator/kube';
import type { HelmErrorCode, Retry } from './error-codes.ts';

/** What an error means. */
export interface Diagnosis {
  /** Names the row of the table: `immutable-field`. */
  readonly reason: string;
  readonly retry: Retry;
  /** What a person can do, a sentence without a full stop; `''` when there is nothing to say. */
  readonly mend: string;
  /** Paths of the fields the API server named: `spec.selector`. */
  readonly fields: readonly string[];
  /** What the API server asked to be waited for, in milliseconds. */
  readonly retryAfterMs: number | undefined;
}

interface HelmRow {
  /** `cause` takes the verdict of the error below. */
  readonly retry: Retry | 'cause';
  readonly mend: string;
}

const SEE_BELOW: HelmRow = { retry: 'cause', mend: '' };

/** Errors of this room. */
export const HELM_FAILURES: Readonly<Record<HelmErrorCode, HelmRow>> = {
  'helm/action-failed': SEE_BELOW,
  'helm/apply': SEE_BELOW,
  'helm/build': { retry: 'cause', mend: 'mend the manifest: it is no list of Kubernetes objects' },
  'helm/chart': { retry: 'terminal', mend: 'mend the chart' },
  'helm/hook-failed': {
    retry: 'cause',
    mend: 'look at the pods and the log of the hook; mend the chart or what the hook needs',
  },
  'helm/invalid-name': { retry: 'terminal', mend: 'choose another release name' },
  'helm/invalid-options': { retry: 'terminal', mend: 'change the options' },
  'helm/invalid-revision': { retry: 'terminal', mend: 'choose a revision the history has' },
  'helm/name-in-use': {
    retry: 'terminal',
    mend: 'upgrade the release that has the name, uninstall it, or choose another name',
  },
  'helm/no-deployed-releases': {
    retry: 'terminal',
    mend: 'install the release first, or remove the leftovers of its failed install',
  },
  'helm/operation-pending': {
    retry: 'waiting',
    mend: 'wait for the other operation; if nobody works on the release any more, roll it back',
  },
  'helm/ownership': {
    retry: 'terminal',
    mend: 'give the object the labels and annotations of this release, take ownership, or remove it',
  },
  'helm/record-conflict': { retry: 'transient', mend: '' },
  'helm/record-decode': {
    retry: 'terminal',
    mend: 'delete the stored revision that cannot be read',
  },
  'helm/record-too-large': {
    retry: 'terminal',
    mend: 'make the manifest or the values smaller, or split the chart into several releases',
  },
  'helm/release-exists': { retry: 'transient', mend: '' },
  'helm/release-not-found': { retry: 'terminal', mend: 'check the release name and the namespace' },
  'helm/render': { retry: 'terminal', mend: 'mend the chart or its values' },
  'helm/render-host': { retry: 'transient', mend: '' },
  'helm/render-memory': {
    retry: 'terminal',
    mend: 'make the chart render less, or give the render host more memory',
  },
  'helm/render-timeout': {
    retry: 'terminal',
    mend: 'make the chart render less, or give the render host more time',
  },
  'helm/storage': SEE_BELOW,
  'helm/unreachable': {
    retry: 'transient',
    mend: 'check the address of the API server and the network',
  },
  'helm/wait-failed': { retry: 'unknown', mend: '' },
  'helm/wait-impossible': { retry: 'unknown', mend: '' },
  'helm/wait-timeout': {
    retry: 'transient',
    mend: 'see why these objects are not ready (kubectl describe); if they only need longer, raise the timeout',
  },
};

interface ApiRow {
  readonly reason: string;
  readonly codes: readonly KubeErrorCode[];
  /** Words of the answer; without them every answer with that code is meant. */
  readonly words?: RegExp | undefined;
  readonly retry: Retry;
  readonly mend: string;
}

/** Answers of the API server, and what stands between it and us. The first row that fits counts. */
export const API_FAILURES: readonly ApiRow[] = [
  {
    reason: 'namespace-terminating',
    codes: ['kube/forbidden', 'kube/conflict', 'kube/not-found'],
    words: /because it is being terminated/,
    retry: 'waiting',
    mend: 'wait until the namespace is gone, or find what keeps it from ending',
  },
  {
    reason: 'quota',
    codes: ['kube/forbidden'],
    words: /exceeded quota|failed quota|insufficient quota/,
    retry: 'waiting',
    mend: 'raise the quota of the namespace, or ask for less',
  },
  {
    reason: 'pod-security',
    codes: ['kube/forbidden'],
    words: /violates PodSecurity/,
    retry: 'terminal',
    mend: 'set the security context the namespace demands, or label the namespace otherwise',
  },
  {
    reason: 'webhook-denied',
    codes: ['kube/forbidden', 'kube/bad-request', 'kube/invalid', 'kube/rejected', 'kube/internal'],
    words: /admission webhook ".*" denied the request|ValidatingAdmissionPolicy '.*'/,
    retry: 'unknown',
    mend: 'change the object as the policy says, or ask its owner',
  },
  {
    reason: 'webhook-down',
    codes: ['kube/internal', 'kube/unavailable', 'kube/timeout'],
    words: /failed calling webhook|conversion webhook for .* failed/,
    retry: 'transient',
    mend: 'check the service and the pods of the webhook',
  },
  {
    reason: 'too-large',
    codes: ['kube/too-large', 'kube/invalid', 'kube/internal', 'kube/bad-request'],
    words:
      /Too long: (?:must have|may not be more)|request is too large|[Rr]equest entity too large/,
    retry: 'terminal',
    mend: 'make the object smaller',
  },
  {
    reason: 'immutable-field',
    codes: ['kube/invalid', 'kube/forbidden'],
    words:
      /field is immutable|updates to statefulset spec|may not be changed once set|may not change once set|pod updates may not change fields|spec is immutable after creation|is immutable when/,
    retry: 'terminal',
    mend: 'set the field back to its old value; or let the object be recreated (kubectl delete --cascade=orphan keeps its pods)',
  },
  {
    reason: 'forbidden',
    codes: ['kube/forbidden'],
    retry: 'transient',
    mend: 'give the identity of the release the right it lacks',
  },
  {
    reason: 'field-conflict',
    codes: ['kube/conflict'],
    words: /conflict occurred while applying object|Apply failed with \d+ conflict/,
    retry: 'terminal',
    mend: 'leave the field out of the chart, let its other manager go, or force conflicts',
  },
  {
    reason: 'being-deleted',
    codes: ['kube/already-exists', 'kube/conflict'],
    words: /object is being deleted/,
    retry: 'waiting',
    mend: 'wait until the object is gone; look at its finalizers if it stays',
  },
  {
    reason: 'conflict',
    codes: ['kube/conflict'],
    retry: 'transient',
    mend: 'it is tried again; if it stays so, find who else keeps writing the object',
  },
  {
    reason: 'already-exists',
    codes: ['kube/already-exists'],
    retry: 'transient',
    mend: 'somebody else created the object meanwhile: remove it, or let the release adopt it',
  },
  {
    reason: 'unknown-field',
    codes: ['kube/bad-request', 'kube/invalid', 'kube/internal'],
    words: /strict decoding error|unknown field|field not declared in schema/,
    retry: 'terminal',
    mend: 'correct or remove the field, or switch validation off',
  },
  {
    reason: 'validation',
    codes: ['kube/invalid', 'kube/bad-request'],
    retry: 'terminal',
    mend: 'correct the field in the chart or the values',
  },
  {
    reason: 'namespace-missing',
    codes: ['kube/not-found'],
    words: /namespaces? ".*" not found/,
    retry: 'transient',
    mend: 'create the namespace (helm: --create-namespace)',
  },
  {
    reason: 'discovery-stale',
    codes: ['kube/unknown-kind'],
    retry: 'transient',
    mend: 'install the CRD of the kind; if Kubernetes has removed that API, use a chart version for this cluster',
  },
  {
    reason: 'not-found',
    codes: ['kube/not-found'],
    retry: 'transient',
    mend: 'it is tried again; if it stays so, find who removes the object',
  },
  {
    reason: 'unauthorized',
    codes: ['kube/unauthorized'],
    retry: 'transient',
    mend: 'renew the credentials for the cluster',
  },
  {
    reason: 'overloaded',
    codes: ['kube/too-many-requests'],
    retry: 'transient',
    mend: 'wait; the API server, or a PodDisruptionBudget, holds requests back',
  },
  {
    reason: 'timeout',
    codes: ['kube/timeout'],
    retry: 'transient',
    mend: 'check the load of the API server',
  },
  {
    reason: 'unreachable',
    codes: ['kube/unreachable', 'kube/unavailable'],
    retry: 'transient',
    mend: 'check the API server and the network to it',
  },
  {
    reason: 'credentials',
    codes: ['kube/config'],
    retry: 'terminal',
    mend: 'mend the kubeconfig',
  },
  {
    reason: 'expired',
    codes: ['kube/expired'],
    retry: 'transient',
    mend: 'it is tried again; if it stays so, check etcd and the load of the API server',
  },
  {
    reason: 'server-error',
    codes: ['kube/internal'],
    retry: 'transient',
    mend: 'it is tried again; if it stays so, look at the log of the API server',
  },
  {
    reason: 'rejected',
    codes: ['kube/rejected', 'kube/response'],
    retry: 'unknown',
    mend: 'find out what answers between here and the API server: a proxy, a gateway, an aggregated API',
  },
];

const NO_ROW = { reason: 'unknown', retry: 'unknown', mend: '' } as const;

/** What an error means, from the first error in its chain of causes that the table knows. */
export function diagnose(error: unknown): Diagnosis {
  // The nearest error of this room names what is below it and has no name.
  let named: unknown;
  for (let at = error; at !== undefined && at !== null; at = causeOf(at)) {
    if (isKubeError(at)) return ofAnswer(at);
    const row = helmRowOf(at);
    if (row === undefined) {
      const retry = ownRetry(at);
      const name = codeOf(at) === undefined ? named : at;
      const mend = helmRowOf(name)?.mend ?? '';
      if (retry !== undefined) return { ...nothingKnown(name), retry, mend };
    } else if (row.retry !== 'cause') {
      return { ...nothingKnown(at), retry: ownRetry(at) ?? row.retry, mend: row.mend };
    }
    if (row !== undefined) named = at;
  }
  return { ...NO_ROW, fields: [], retryAfterMs: undefined };
}

function nothingKnown(error: unknown): Omit<Diagnosis, 'retry'> {
  const code = codeOf(error);
  return {
    reason: code?.replace(/^.*\//, '') ?? 'unknown',
    mend: '',
    fields: [],
    retryAfterMs: undefined,
  };
}

function ofAnswer(error: KubeError): Diagnosis {
  const { reason, retry, mend } = rowOf(error);
  const seconds = error.details.retryAfterSeconds;
  const retryAfterMs = seconds === undefined ? undefined : seconds * 1000;
  return { reason, retry, mend, fields: fieldsOf(error), retryAfterMs };
}

function rowOf({ code, serverMessage }: KubeError): Pick<ApiRow, 'reason' | 'retry' | 'mend'> {
  const row = API_FAILURES.find(
    ({ codes, words }) => codes.includes(code) && (words?.test(serverMessage) ?? true),
  );
  return row ?? NO_ROW;
}

/** From the answer's causes; a strict server names unknown fields only in its words. */
function fieldsOf({ details, serverMessage }: KubeError): readonly string[] {
  const named = details.causes
    .map(({ field }) => field.replace(/^\./, ''))
    .filter((field) => field !== '' && field !== '[]');
  if (named.length > 0) return [...new Set(named)];
  const unknown = serverMessage.matchAll(
    /unknown field "([^"]{1,300})"|\.(\S{1,300}): field not declared in schema/g,
  );
  return [...new Set([...unknown].map(([, strict, typed]) => strict ?? typed ?? ''))];
}

/** The verdict on an error: `unknown` when nothing is known. */
export function retryOf(error: unknown): Retry {
  return diagnose(error).retry;
}

const SEVERITY: Readonly<Record<Retry, number>> = {
  transient: 0,
  unknown: 1,
  waiting: 2,
  terminal: 3,
};

/** Of several errors the one that decides: while one of them stays, a retry of all is in vain. */
export function worstOf(errors: readonly unknown[]): unknown {
  return errors.reduce((worst, error) =>
    SEVERITY[retryOf(error)] > SEVERITY[retryOf(worst)] ? error : worst,
  );
}

function helmRowOf(error: unknown): HelmRow | undefined {
  const code = codeOf(error);
  return code !== undefined && Object.hasOwn(HELM_FAILURES, code)
    ? HELM_FAILURES[code as HelmErrorCode]
    : undefined;
}

function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'cause' in error ? error.cause : undefined;
}

function ownRetry(error: unknown): Retry | undefined {
  if (typeof error !== 'object' || error === null || !('retry' in error)) return undefined;
  const { retry } = error;
  return retry === 'transient' || retry === 'terminal' || retry === 'waiting' || retry === 'unknown'
    ? retry
    : undefined;
}
