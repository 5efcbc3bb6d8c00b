// SPDX-License-Identifier: Apache-2.0

/**
 * One leader among many, by a Lease.
 *
 * Effects: reads and writes one Lease.
 * Source:  kubernetes@v1.36.3 client-go/tools/leaderelection/leaderelection.go
 * Differs: the time to wait for a silent holder is the one written in the Lease, as the holder set it.
 */

import type { ValueMap } from '@helm-operator/gocompat';
import type { Clock } from '../clock.ts';
import type { Cluster, JsonObject, ObjectRef } from '../cluster.ts';
import { isKubeError } from '../errors.ts';
import { jsonOfObject, objectOfJson } from '../json-value.ts';
import { decodeLease, encodeLease, type LeaseRecord } from './lease-record.ts';

export interface LeaderElectionOptions {
  readonly cluster: Pick<Cluster, 'getJson' | 'create' | 'replace'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly namespace: string;
  /** Name of the Lease. */
  readonly name: string;
  /** Who we are: unique among the candidates, e.g. the pod's name and a random part. */
  readonly identity: string;
  readonly labels?: ReadonlyMap<string, string> | undefined;
  /** How long a silent leader stays leader, in milliseconds; default 35,000. */
  readonly leaseMs?: number | undefined;
  /** How long we go on without renewing, in milliseconds; less than `leaseMs`; default 30,000. */
  readonly renewLimitMs?: number | undefined;
  /** Time between two attempts, in milliseconds; default 5,000. */
  readonly retryMs?: number | undefined;
  /** Give the Lease back at the end, so that the next leader need not wait. */
  readonly mustRelease?: boolean | undefined;
  /** Ends the candidacy. */
  readonly signal: AbortSignal;
  /** Runs while we lead; `signal` is aborted when the Lease is lost or the candidacy ends. Awaited before the Lease is released. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  /** A new holder was seen, ourselves included. */
  readonly onLeader?: ((identity: string) => void) | undefined;
  /** An attempt failed and will be tried again. */
  readonly onTrouble?: ((error: unknown) => void) | undefined;
}

/** `stopped`: the signal was aborted, or `lead` came to its end; `lost`: somebody else may lead now. */
export type ElectionEnd = 'stopped' | 'lost';

const LEASE_MS = 35_000;
const RENEW_LIMIT_MS = 30_000;
const RETRY_MS = 5_000;
const RELEASE_LIMIT_MS = 5_000;
const RELEASE_TRIES = 4;
/** Candidates do not all try at the same moment. */
const RETRY_JITTER = 1.2;

/**
 * Waits for the Lease, leads, and returns when that is over.
 *
 * @throws what `lead` throws
 */
export async function runLeaderElection(options: LeaderElectionOptions): Promise<ElectionEnd> {
  const candidate = new Candidate(options);
  if (!(await candidate.acquire())) return 'stopped';
  return candidate.leadAndRenew();
}

class Candidate {
  readonly #options: LeaderElectionOptions;
  readonly #ref: ObjectRef;
  /** What the Lease held when it last changed, and when we saw that: clocks of others are never compared with ours. */
  #observed: { readonly text: string; readonly atMs: number } | undefined;
  #lease: JsonObject | undefined;
  #leader = '';
  /** When the request that renewed the Lease last was begun, on a clock nobody sets: others count from no earlier moment. */
  #renewedMs = 0;

  constructor(options: LeaderElectionOptions) {
    this.#options = options;
    this.#ref = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      namespace: options.namespace,
      name: options.name,
    };
  }

  get #retryMs(): number {
    return this.#options.retryMs ?? RETRY_MS;
  }

  /** @returns whether we hold the Lease; `false` when the signal came first */
  async acquire(): Promise<boolean> {
    const { clock, random, signal } = this.#options;
    for (;;) {
      if (signal.aborted) return false;
      if (await this.#tryOnce(signal)) return true;
      try {
        await clock.sleep(this.#retryMs * (1 + random() * RETRY_JITTER), signal);
      } catch (error) {
        if (signal.aborted) return false;
        throw error;
      }
    }
  }

  async leadAndRenew(): Promise<ElectionEnd> {
    const { signal, lead, mustRelease } = this.#options;
    const leading = new AbortController();
    const stop = () => leading.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    let isLost = false;
    const renewing = this.#renew(leading.signal).then((end) => {
      isLost = end === 'lost';
      if (isLost) leading.abort(new DOMException('the Lease was lost', 'AbortError'));
    });
    try {
      await lead(leading.signal);
    } catch (error) {
      if (!leading.signal.aborted || error !== leading.signal.reason) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      leading.abort(new DOMException('the work of the leader has ended', 'AbortError'));
      await renewing;
      if (mustRelease === true && !isLost) await this.#release();
    }
    return isLost ? 'lost' : 'stopped';
  }

  async #renew(signal: AbortSignal): Promise<'lost' | 'stopped'> {
    const { clock, renewLimitMs = RENEW_LIMIT_MS } = this.#options;
    for (;;) {
      try {
        await clock.sleep(this.#retryMs, signal);
      } catch (error) {
        if (signal.aborted) return 'stopped';
        throw error;
      }
      const leftMs = this.#renewedMs + renewLimitMs - clock.elapsedMs();
      const isHeld = await withinLimit((limited) => this.#tryOnce(limited), leftMs, clock, signal);
      if (signal.aborted) return 'stopped';
      const isOverdue = clock.elapsedMs() - this.#renewedMs >= renewLimitMs;
      if (!isHeld && (isOverdue || this.#isHeldByOther())) return 'lost';
    }
  }

  #isHeldByOther(): boolean {
    const holder = this.#lease === undefined ? '' : decodeLease(this.#lease).holder;
    return holder !== '' && holder !== this.#options.identity;
  }

  /** @returns whether we hold the Lease now */
  async #tryOnce(signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#acquireOrRenew(signal);
    } catch (error) {
      this.#lease = isKubeError(error, 'kube/conflict') ? undefined : this.#lease;
      const isQuiet =
        signal.aborted ||
        isKubeError(error, 'kube/conflict') ||
        isKubeError(error, 'kube/already-exists');
      if (!isQuiet) this.#options.onTrouble?.(error);
      return false;
    }
  }

  async #acquireOrRenew(signal: AbortSignal): Promise<boolean> {
    const { cluster, clock, identity } = this.#options;
    const timeoutMs = this.#options.renewLimitMs ?? RENEW_LIMIT_MS;
    const begunMs = clock.elapsedMs();
    // While we lead, the Lease as we wrote it last is enough: one request, and the resourceVersion tells when it is not.
    const mine = this.#lease !== undefined && !this.#isHeldByOther() ? this.#lease : undefined;
    const isLeading = mine !== undefined && decodeLease(mine).holder === identity;
    const current = isLeading ? mine : await cluster.getJson(this.#ref, { signal, timeoutMs });
    if (current === undefined) {
      const record = this.#record(undefined, clock.nowMs());
      const body = this.#body(undefined, record);
      return this.#keep(await cluster.create(body, { signal, timeoutMs }), begunMs);
    }
    this.#observe(current);
    const before = decodeLease(current);
    if (before.holder !== '' && before.holder !== identity && !this.#hasExpired(before)) {
      this.#lease = current;
      return false;
    }
    const record = this.#record(before, clock.nowMs());
    const body = this.#body(current, record);
    return this.#keep(await cluster.replace(body, { signal, timeoutMs }), begunMs);
  }

  #record(before: LeaseRecord | undefined, nowMs: number): LeaseRecord {
    const { identity, leaseMs = LEASE_MS } = this.#options;
    const isOurs = before?.holder === identity;
    return {
      holder: identity,
      durationSeconds: Math.ceil(leaseMs / 1000),
      acquireMs: isOurs && before !== undefined ? before.acquireMs : nowMs,
      renewMs: nowMs,
      transitions: before === undefined ? 0 : before.transitions + (isOurs ? 0 : 1),
    };
  }

  #body(current: JsonObject | undefined, record: LeaseRecord): ValueMap {
    const labels = Object.fromEntries(this.#options.labels ?? []);
    const fresh = {
      apiVersion: this.#ref.apiVersion,
      kind: this.#ref.kind,
      metadata: { namespace: this.#options.namespace, name: this.#options.name, labels },
    };
    return objectOfJson({ ...(current ?? fresh), spec: encodeLease(record, current) });
  }

  #keep(written: ValueMap, begunMs: number): boolean {
    this.#renewedMs = begunMs;
    this.#lease = jsonOfObject(written);
    this.#observe(this.#lease);
    return true;
  }

  #observe(lease: JsonObject): void {
    const text = JSON.stringify(lease['spec'] ?? null);
    if (this.#observed?.text !== text)
      this.#observed = { text, atMs: this.#options.clock.elapsedMs() };
    const { holder } = decodeLease(lease);
    if (holder !== this.#leader && holder !== '') this.#options.onLeader?.(holder);
    this.#leader = holder;
  }

  #hasExpired(record: LeaseRecord): boolean {
    const nowMs = this.#options.clock.elapsedMs();
    const sinceMs = this.#observed?.atMs ?? nowMs;
    return nowMs >= sinceMs + record.durationSeconds * 1000;
  }

  async #release(): Promise<void> {
    const { cluster, identity, onTrouble } = this.#options;
    let lease = this.#lease;
    for (let tries = 1; ; tries++) {
      try {
        lease ??= await cluster.getJson(this.#ref, { timeoutMs: RELEASE_LIMIT_MS });
        if (lease !== undefined && decodeLease(lease).holder === identity) {
          await this.#giveBack(lease);
        }
        return;
      } catch (error) {
        // A renewal that was aborted on its way may have come through.
        lease = undefined;
        if (isKubeError(error, 'kube/conflict') && tries < RELEASE_TRIES) continue;
        // The next leader then waits until the Lease expires: slower, but right.
        onTrouble?.(error);
        return;
      }
    }
  }

  async #giveBack(lease: JsonObject): Promise<void> {
    const { cluster, clock } = this.#options;
    const nowMs = clock.nowMs();
    const times = { acquireMs: nowMs, renewMs: nowMs };
    const record = { ...decodeLease(lease), holder: '', durationSeconds: 1, ...times };
    await cluster.replace(this.#body(lease, record), { timeoutMs: RELEASE_LIMIT_MS });
  }
}

/** Runs `attempt`, and ends it with the time or with `parent`. */
async function withinLimit(
  attempt: (signal: AbortSignal) => Promise<boolean>,
  leftMs: number,
  clock: Clock,
  parent: AbortSignal,
): Promise<boolean> {
  const work = new AbortController();
  const timer = new AbortController();
  const stop = () => work.abort(parent.reason);
  parent.addEventListener('abort', stop, { once: true });
  const late = clock.sleep(Math.max(0, leftMs), timer.signal).then(
    () => {
      work.abort(new DOMException('the time to renew is over', 'TimeoutError'));
      return false;
    },
    () => false,
  );
  try {
    return await Promise.race([attempt(work.signal), late]);
  } finally {
    timer.abort();
    parent.removeEventListener('abort', stop);
  }
}
