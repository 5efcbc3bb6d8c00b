// SPDX-License-Identifier: Apache-2.0

/**
 * What can go wrong between us and an API server, in one table.
 *
 * Source: kubernetes@v1.36.3 apimachinery/pkg/api/errors (reasons), client-go/rest/request.go (what may be sent again)
 */

export type KubeErrorCode =
  | 'kube/already-exists'
  | 'kube/bad-request'
  | 'kube/config'
  | 'kube/conflict'
  | 'kube/expired'
  | 'kube/forbidden'
  | 'kube/internal'
  | 'kube/invalid'
  | 'kube/not-found'
  | 'kube/rejected'
  | 'kube/response'
  | 'kube/timeout'
  | 'kube/too-large'
  | 'kube/too-many-requests'
  | 'kube/unauthorized'
  | 'kube/unavailable'
  | 'kube/unknown-kind'
  | 'kube/unreachable';

export type Retry = 'transient' | 'terminal' | 'waiting' | 'unknown';

/** One reason why the API server refused a field of an object. */
export interface StatusCause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What the API server says about an error beside its message. */
export interface StatusDetails {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
  readonly retryAfterSeconds: number | undefined;
  readonly causes: readonly StatusCause[];
}

interface KubeErrorFields {
  readonly code: KubeErrorCode;
  readonly message: string;
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly serverMessage?: string | undefined;
  readonly details?: StatusDetails | undefined;
  readonly retry?: Retry | undefined;
  readonly cause?: unknown;
}

const NO_DETAILS: StatusDetails = {
  group: '',
  kind: '',
  name: '',
  retryAfterSeconds: undefined,
  causes: [],
};

/**
 * Whether the same call may succeed later without anybody changing anything.
 * `forbidden`, `unauthorized` and `unknown-kind` are transient: roles, tokens and CRDs come and go without telling us.
 */
const RETRY: Readonly<Record<KubeErrorCode, Retry>> = {
  'kube/already-exists': 'transient',
  'kube/bad-request': 'terminal',
  'kube/config': 'terminal',
  'kube/conflict': 'transient',
  'kube/expired': 'transient',
  'kube/forbidden': 'transient',
  'kube/internal': 'transient',
  'kube/invalid': 'terminal',
  'kube/not-found': 'transient',
  'kube/rejected': 'unknown',
  'kube/response': 'unknown',
  'kube/timeout': 'transient',
  'kube/too-large': 'terminal',
  'kube/too-many-requests': 'transient',
  'kube/unauthorized': 'transient',
  'kube/unavailable': 'transient',
  'kube/unknown-kind': 'transient',
  'kube/unreachable': 'transient',
};

/**
 * The one error of this room. `code` says the reason, `retry` whether a retry can help, `status` the HTTP status (absent when no
 * answer came), `reason` and `details` what the API server's Status object said.
 *
 * `message` says what was being done to which object, then the API server's words (`serverMessage` alone, as `helm` and `kubectl`
 * print them). It never holds a credential.
 */
export class KubeError extends Error {
  override readonly name: string = 'KubeError';
  readonly code: KubeErrorCode;
  readonly retry: Retry;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  /** The API server's own sentence, or that of the network. */
  readonly serverMessage: string;
  readonly details: StatusDetails;

  constructor(fields: KubeErrorFields) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.code = fields.code;
    this.retry = fields.retry ?? RETRY[fields.code];
    this.status = fields.status;
    this.reason = fields.reason;
    this.serverMessage = fields.serverMessage ?? fields.message;
    this.details = fields.details ?? NO_DETAILS;
  }
}

/** @returns whether `error` is a `KubeError` with that code */
export function isKubeError(error: unknown, code?: KubeErrorCode): error is KubeError {
  return error instanceof KubeError && (code === undefined || error.code === code);
}

/** The Status reason decides first, … */
const CODE_OF_REASON: ReadonlyMap<string, KubeErrorCode> = new Map([
  ['AlreadyExists', 'kube/already-exists'],
  ['BadRequest', 'kube/bad-request'],
  ['Conflict', 'kube/conflict'],
  ['Expired', 'kube/expired'],
  ['Forbidden', 'kube/forbidden'],
  ['Gone', 'kube/expired'],
  ['InternalError', 'kube/internal'],
  ['Invalid', 'kube/invalid'],
  ['MethodNotAllowed', 'kube/bad-request'],
  ['NotAcceptable', 'kube/bad-request'],
  ['NotFound', 'kube/not-found'],
  ['RequestEntityTooLarge', 'kube/too-large'],
  ['ServerTimeout', 'kube/timeout'],
  ['ServiceUnavailable', 'kube/unavailable'],
  ['StorageReadError', 'kube/internal'],
  ['Timeout', 'kube/timeout'],
  ['TooManyRequests', 'kube/too-many-requests'],
  ['Unauthorized', 'kube/unauthorized'],
  ['UnsupportedMediaType', 'kube/bad-request'],
]);

/** … the HTTP status where there is none (a proxy answered, or an old aggregated server). */
const CODE_OF_STATUS: ReadonlyMap<number, KubeErrorCode> = new Map([
  [400, 'kube/bad-request'],
  [401, 'kube/unauthorized'],
  [403, 'kube/forbidden'],
  [404, 'kube/not-found'],
  [405, 'kube/bad-request'],
  [406, 'kube/bad-request'],
  [408, 'kube/timeout'],
  [409, 'kube/conflict'],
  [410, 'kube/expired'],
  [413, 'kube/too-large'],
  [415, 'kube/bad-request'],
  [422, 'kube/invalid'],
  [429, 'kube/too-many-requests'],
  [500, 'kube/internal'],
  [502, 'kube/unavailable'],
  [503, 'kube/unavailable'],
  [504, 'kube/timeout'],
]);

/**
 * Makes the error of an HTTP answer.
 *
 * @param doing what was being done, e.g. `get Deployment default/web`
 * @param body  the answer's text: a Status object, or whatever a proxy wrote
 */
export function errorOfAnswer(doing: string, status: number, body: string): KubeError {
  const answer = statusObject(body);
  const reason = textOf(answer?.['reason']) || undefined;
  const serverMessage =
    textOf(answer?.['message']) ||
    plainText(body) ||
    `the API server answered with status ${status}`;
  const code =
    (reason === undefined ? undefined : CODE_OF_REASON.get(reason)) ??
    CODE_OF_STATUS.get(status) ??
    (status >= 500 ? 'kube/unavailable' : 'kube/rejected');
  return new KubeError({
    code,
    message: `${doing}: ${serverMessage}`,
    serverMessage,
    status,
    reason,
    details: answer === undefined ? undefined : detailsOf(answer),
    retry: isWebhookDenial(serverMessage) ? 'unknown' : undefined,
  });
}

/** Makes the error of a Status object that came inside a watch. */
export function errorOfStatusObject(
  doing: string,
  status: Readonly<Record<string, unknown>>,
): KubeError {
  const code = typeof status['code'] === 'number' ? status['code'] : 500;
  return errorOfAnswer(doing, code, JSON.stringify({ kind: 'Status', ...status }));
}

/** A webhook may answer with any 4xx and let the same object pass later. */
function isWebhookDenial(message: string): boolean {
  return message.startsWith('admission webhook ') && message.includes(' denied the request');
}

function statusObject(body: string): Record<string, unknown> | undefined {
  if (!body.startsWith('{')) return undefined;
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) && (parsed['kind'] === 'Status' || 'reason' in parsed)
      ? parsed
      : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function detailsOf(answer: Record<string, unknown>): StatusDetails {
  const details = isRecord(answer['details']) ? answer['details'] : {};
  const causes = Array.isArray(details['causes']) ? details['causes'].filter(isRecord) : [];
  const retryAfter = details['retryAfterSeconds'];
  return {
    group: textOf(details['group']),
    kind: textOf(details['kind']),
    name: textOf(details['name']),
    retryAfterSeconds: typeof retryAfter === 'number' ? retryAfter : undefined,
    causes: causes.map((cause) => ({
      field: textOf(cause['field']),
      reason: textOf(cause['reason']),
      message: textOf(cause['message']),
    })),
  };
}

const PLAIN_TEXT_LIMIT = 300;

function plainText(body: string): string {
  const text = body.replace(/\s+/g, ' ').trim();
  return text.length <= PLAIN_TEXT_LIMIT ? text : `${text.slice(0, PLAIN_TEXT_LIMIT)}…`;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
