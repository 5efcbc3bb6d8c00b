// SPDX-License-Identifier: Apache-2.0

/**
 * What every kind of source does when its server does what servers do. A kind gives the source behind the server and how
 * to ask it; the rows are the same for all. No credential may be seen by another host, in a step or in a message.
 */

import assert from 'node:assert/strict';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  type Credentials,
  createFetchPorts,
  FetchError,
  type FetchPorts,
  secretsOf,
} from '@helm-operator/fetch';
import type { ChartLocation, ChartRequest, FetchedChart, SourceContext } from '@helm-operator/helm';
import { type Authority, createAuthority } from './authority.ts';
import { type SourceServer, startSourceServer } from './source-server.ts';

export interface SourceKind {
  readonly name: string;
  /** Called once, before the rows. */
  start(): Promise<StartedKind>;
}

export interface StartedKind {
  /** The source as it is when all is well; it need not check credentials. */
  readonly source: RequestListener;
  /** The chart that is there, or one that is not, at a server. */
  location(url: string, which: 'present' | 'absent'): ChartLocation;
  /** Sent in every row; the rows add authority and client certificate. */
  readonly credentials: Credentials;
  /** Whether a request is for the chart's bytes: what is cut, changed, too large or sent elsewhere. */
  isPayload(request: IncomingMessage): boolean;
  fetch(request: ChartRequest, context: SourceContext): Promise<FetchedChart>;
  /** The source itself, where it does not speak HTTP; then `rows` make the faults. */
  readonly url?: string | undefined;
  /** How the kind makes what a row is about, where HTTP is not how it is asked. */
  readonly rows?: Partial<Record<RowName, (ask: AskKind) => Promise<unknown>>> | undefined;
  /** Where the kind differs: another code, a chart after all (`ok`), or a row that means nothing to it (`skip: why`). */
  readonly expect?: Partial<Record<RowName, string>> | undefined;
  stop?(): Promise<void>;
}

/** Asks the kind's own source. */
export type AskKind = (options?: Ask) => Promise<FetchedChart>;

/** Row → what comes of it: `ok`, or the code of the `FetchError` in the chain of causes, else of the error itself. */
const EXPECTED = {
  found: 'ok',
  'not found': 'source/not-found',
  'gone (404 on everything)': 'fetch/not-found',
  unauthorised: 'fetch/unauthorized',
  forbidden: 'fetch/forbidden',
  'own authority': 'ok',
  'wrong authority': 'fetch/certificate',
  'expired certificate': 'fetch/certificate-expired',
  'any certificate, when told so': 'ok',
  'client certificate': 'ok',
  'client certificate missing': 'error',
  slow: 'ok',
  hanging: 'fetch/timeout',
  truncated: 'fetch/truncated',
  'wrong digest': 'fetch/wrong-digest',
  'over the size limit': 'fetch/too-large',
  'redirect to another host': 'ok',
  'redirect loop': 'fetch/too-many-redirects',
  'redirect to a forbidden address': 'fetch/forbidden-address',
  'too many requests': 'fetch/rate-limited',
  '500 then fine': 'ok',
  '500 for ever': 'fetch/status',
  'connection refused': 'fetch/unreachable',
  'no such host': 'fetch/dns',
  cancelled: 'fetch/aborted',
} as const;

export type RowName = keyof typeof EXPECTED;

interface Run {
  readonly kind: StartedKind;
  readonly authority: Authority;
  /** Plain HTTP, own certificate, expired certificate, client certificates wanted; and a host of somebody else. */
  readonly plain: SourceServer;
  readonly secure: SourceServer;
  readonly expired: SourceServer;
  readonly mutual: SourceServer;
  readonly other: SourceServer;
}

const TIMEOUT_MS = 800;

export function sourceContract(kind: SourceKind): void {
  void describe(`source contract: ${kind.name}`, () => {
    let run: Run;
    before(async () => {
      run = await start(kind);
    });
    after(async () => {
      const { plain, secure, expired, mutual, other } = run;
      for (const server of [plain, secure, expired, mutual, other]) await server.stop();
      await run.kind.stop?.();
    });
    for (const name of Object.keys(EXPECTED) as RowName[]) {
      void test(name, async (context) => {
        const wanted = run.kind.expect?.[name] ?? EXPECTED[name];
        if (wanted.startsWith('skip: ')) {
          context.skip(wanted.slice(6));
          return;
        }
        run.plain.inject(undefined);
        const told: string[] = [];
        const own = run.kind.rows?.[name];
        const work =
          own === undefined ? ROWS[name](run, told) : own((asked) => ask(run, told, asked));
        const outcome = await work.then(
          () => 'ok' as const,
          (error: unknown) => error,
        );
        check(name, wanted, outcome, run);
        assertNoSecrets(run, [...told, ...textsOf(outcome)]);
      });
    }
  });
}

async function start(kind: SourceKind): Promise<Run> {
  const started = await kind.start();
  const authority = createAuthority();
  const { source } = started;
  return {
    kind: started,
    authority,
    plain: await startSourceServer(source),
    secure: await startSourceServer(source, { certificate: authority.issue() }),
    expired: await startSourceServer(source, { certificate: authority.issue({ isExpired: true }) }),
    mutual: await startSourceServer(source, {
      certificate: authority.issue(),
      clientAuthority: authority.ca,
    }),
    other: await startSourceServer(source),
  };
}

/** How a row differs from asking for the chart that is there. */
export interface Ask {
  readonly url?: string;
  readonly which?: 'present' | 'absent';
  readonly credentials?: Credentials;
  readonly ports?: FetchPorts;
  readonly signal?: AbortSignal;
}

/** A fresh cache and fresh hosts for each row, unless it brings its own. */
async function ask(run: Run, told: string[], options: Ask = {}): Promise<FetchedChart> {
  const { url = run.kind.url ?? run.plain.url, which = 'present', credentials = {} } = options;
  const fetched = await run.kind.fetch(
    {
      location: run.kind.location(url, which),
      credentials: {
        isPlainHttp: url.startsWith('http:'),
        ...run.kind.credentials,
        ...credentials,
      },
    },
    {
      fetch: options.ports ?? createFetchPorts({ userAgent: 'contract/1' }),
      signal: options.signal ?? AbortSignal.timeout(20_000),
      onStep: ({ detail }) => told.push(detail),
    },
  );
  assert.match(fetched.digest, /^sha256:[0-9a-f]{64}$/);
  return fetched;
}

const status =
  (code: number, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse): boolean => {
    response.writeHead(code, headers).end('no');
    return true;
  };

type Row = (run: Run, told: string[]) => Promise<unknown>;

/** A row whose server does something else than the source. */
const injected =
  (fault: (run: Run) => (request: IncomingMessage, response: ServerResponse) => boolean): Row =>
  (run, told) => {
    run.plain.inject(fault(run));
    return ask(run, told);
  };

/** The same for the chart's bytes alone. */
const payload =
  (fault: (request: IncomingMessage, response: ServerResponse, run: Run) => void): Row =>
  (run, told) => {
    run.plain.inject((request, response) => {
      if (!run.kind.isPayload(request)) return false;
      fault(request, response, run);
      return true;
    });
    return ask(run, told);
  };

const ROWS: Readonly<Record<RowName, Row>> = {
  found: async (run, told) => {
    const ports = createFetchPorts({ userAgent: 'contract/1' });
    const first = await ask(run, told, { ports });
    const second = await ask(run, told, { ports });
    assert.equal(first.digest, second.digest);
    assert.deepEqual(first.metadata, second.metadata);
  },
  'not found': (run, told) => ask(run, told, { which: 'absent' }),
  'gone (404 on everything)': injected(() => status(404)),
  unauthorised: injected(() => status(401, { 'www-authenticate': 'Basic realm="x"' })),
  forbidden: injected(() => status(403)),
  'own authority': (run, told) =>
    ask(run, told, { url: run.secure.url, credentials: { tls: { ca: run.authority.ca } } }),
  'wrong authority': (run, told) =>
    ask(run, told, {
      url: run.secure.url,
      credentials: { tls: { ca: createAuthority('other').ca } },
    }),
  'expired certificate': (run, told) =>
    ask(run, told, { url: run.expired.url, credentials: { tls: { ca: run.authority.ca } } }),
  'any certificate, when told so': (run, told) =>
    ask(run, told, { url: run.secure.url, credentials: { tls: { isInsecure: true } } }),
  'client certificate': (run, told) => {
    const tls = { ca: run.authority.ca, ...run.authority.issue({ kind: 'client' }) };
    return ask(run, told, { url: run.mutual.url, credentials: { tls } });
  },
  'client certificate missing': (run, told) =>
    ask(run, told, { url: run.mutual.url, credentials: { tls: { ca: run.authority.ca } } }),
  slow: (run, told) => {
    run.plain.inject((request, response) => {
      setTimeout(() => run.kind.source(request, response), 60);
      return true;
    });
    return ask(run, told);
  },
  hanging: async (run, told) => {
    run.plain.inject(() => true);
    return await ask(run, told, {
      ports: createFetchPorts({ userAgent: 'contract/1', timeoutMs: TIMEOUT_MS }),
    });
  },
  truncated: payload((_request, response) => {
    response.writeHead(200, { 'content-length': 100_000 });
    response.write('short', () => response.destroy());
  }),
  'wrong digest': payload((request, response, run) => changed(run.kind.source, request, response)),
  'over the size limit': payload((_request, response) => {
    response.writeHead(200, { 'content-length': 1024 ** 4 });
    response.write('begin');
  }),
  'redirect to another host': async (run, told) => {
    run.plain.inject((request, response) => {
      if (!run.kind.isPayload(request)) return false;
      response.writeHead(307, { location: `${run.other.url}${request.url}` }).end();
      return true;
    });
    const before = run.other.heard.length;
    await ask(run, told);
    assert.ok(run.other.heard.length > before, 'nobody went to the other host');
  },
  'redirect loop': injected(() => (request, response) => {
    response.writeHead(302, { location: request.url ?? '/' }).end();
    return true;
  }),
  'redirect to a forbidden address': injected(() =>
    status(302, { location: 'http://169.254.169.254/latest/meta-data/' }),
  ),
  'too many requests': injected(() => status(429, { 'retry-after': '7' })),
  '500 then fine': async (run, told) => {
    const ports = createFetchPorts({ userAgent: 'contract/1' });
    run.plain.inject(status(500));
    await assert.rejects(ask(run, told, { ports }));
    run.plain.inject(undefined);
    return await ask(run, told, { ports });
  },
  '500 for ever': injected(() => status(500)),
  'connection refused': (run, told) => ask(run, told, { url: 'http://127.0.0.1:1' }),
  'no such host': (run, told) => ask(run, told, { url: 'http://no-such-host.invalid' }),
  cancelled: async (run, told) => {
    const stop = new AbortController();
    run.plain.inject(() => {
      setTimeout(() => stop.abort(new Error('enough')), 20);
      return true;
    });
    return await ask(run, told, { signal: stop.signal });
  },
};

/** The source's own answer with one byte changed. */
function changed(
  source: RequestListener,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const parts: Buffer[] = [];
  const end = response.end.bind(response);
  response.write = ((part: Uint8Array) => parts.push(Buffer.from(part)) > 0) as never;
  response.end = ((part?: Uint8Array | string) => {
    if (part !== undefined && typeof part !== 'function') parts.push(Buffer.from(part));
    const body = Buffer.concat(parts);
    const last = body.length - 1;
    if (last >= 0) body[last] = (body[last] ?? 0) ^ 1;
    return end(body);
  }) as never;
  source(request, response);
}

function check(name: RowName, wanted: string, outcome: unknown, run: Run): void {
  if (wanted === 'ok') {
    assert.equal(outcome, 'ok', `${name}: ${String(outcome)}`);
    return;
  }
  assert.ok(outcome instanceof Error, `${name}: there should be an error`);
  if (wanted !== 'error') assert.equal(codeOf(outcome), wanted, outcome.stack);
  const fetchError = fetchErrorOf(outcome);
  if (fetchError === undefined) return;
  // The masked URL, the step and how to mend it.
  assert.ok(outcome.message.includes(new URL(fetchError.url).host), outcome.message);
  assert.notEqual(fetchError.step, '');
  if (!['fetch/aborted', 'fetch/status', 'fetch/truncated'].includes(fetchError.code))
    assert.notEqual(fetchError.mend, '', fetchError.code);
  if (name === 'too many requests' && fetchError.code === 'fetch/rate-limited')
    assert.equal(fetchError.retryAfterMs, 7_000);
  if (name === 'unauthorised' && wanted === EXPECTED[name])
    assert.equal(fetchError.retry, 'terminal');
  if (name === '500 for ever') assert.equal(fetchError.retry, 'transient');
  void run;
}

function fetchErrorOf(error: unknown): FetchError | undefined {
  for (let at = error; at instanceof Error; at = at.cause) if (at instanceof FetchError) return at;
  return undefined;
}

function codeOf(error: Error): string {
  return fetchErrorOf(error)?.code ?? ('code' in error ? String(error.code) : '');
}

/** Everything of an error that could be logged. */
function textsOf(outcome: unknown): string[] {
  const texts: string[] = [];
  for (let at = outcome; at instanceof Error; at = at.cause)
    texts.push(at.message, at.stack ?? '', JSON.stringify(at));
  return texts;
}

function assertNoSecrets({ kind, other }: Run, told: readonly string[]): void {
  const { basic } = kind.credentials;
  const secrets = secretsOf(kind.credentials);
  const pair = basic === undefined ? [] : [`${basic.username}:${basic.password}`];
  const forms = [...secrets, ...pair].flatMap((secret) => [
    secret,
    Buffer.from(secret).toString('base64'),
    encodeURIComponent(secret),
  ]);
  for (const form of forms) {
    for (const text of told) assert.ok(!text.includes(form), `a secret was told: ${text}`);
    for (const { path, headers } of other.heard) {
      assert.ok(!headers.includes(form), 'a credential went to another host');
      assert.ok(!path.includes(form), 'a credential went to another host');
    }
  }
  for (const { headers, hasClientCertificate } of other.heard) {
    assert.doesNotMatch(headers, /^(?:proxy-)?authorization$/im);
    assert.equal(hasClientCertificate, false);
  }
}
