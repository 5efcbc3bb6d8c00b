// SPDX-License-Identifier: Apache-2.0

/** Outcomes → status subresource, events and metrics. */

import { isDeepStrictEqual } from 'node:util';
import {
  ATTEMPT_ANNOTATION,
  attemptAnnotation,
  dialectOf,
  fullStatus,
  type HealthStatus,
  type HelmReleaseStatus,
  plainStatus,
  type ReleaseHealth,
  type ReleaseIntent,
  type ReleaseOutcome,
  withHealth,
} from '@helm-operator/api';
import { decodeJson, encodeJson, type ValueMap } from '@helm-operator/gocompat';
import type { Clock, Cluster, EventRecorder } from '@helm-operator/kube';
import { isKubeError, jsonMergePatch } from '@helm-operator/kube';
import type { Metrics } from '../metrics/metrics.ts';
import { EVENTS, type EventReason, eventMessage } from './event-table.ts';

export interface ReporterOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly metrics: Metrics;
  /** Whether the definition of that kind takes all that we write; default: yes. */
  readonly isOurs?: ((apiVersion: string) => boolean) | undefined;
}

/** What a merge patch has to say, what is gone included. */
function patchOf(before: HelmReleaseStatus, after: HelmReleaseStatus): string {
  const map = (status: HelmReleaseStatus) => decodeJson(JSON.stringify({ status })) as ValueMap;
  return encodeJson(jsonMergePatch(map(before), map(after)));
}

function isoOf(clock: Clock): string {
  return `${new Date(clock.nowMs()).toISOString().slice(0, 19)}Z`;
}

const UNREAD = { isMetadataEnough: true } as const;
const STATUS = { subresource: 'status', ...UNREAD } as const;
const NO_CHANGE = patchOf({}, {});

/** Of what is told. */
export type Subject = Pick<ReleaseIntent, 'source' | 'release'>;

/** Tells the world how a release stands. */
export class Reporter {
  readonly #options: ReporterOptions;

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /**
   * Writes the status when it changed. An object that is gone meanwhile is no error.
   *
   * @returns the status as it is now
   */
  async report(
    intent: Subject,
    status: HelmReleaseStatus,
    outcomes: readonly ReleaseOutcome[],
  ): Promise<HelmReleaseStatus> {
    const { clock, metrics } = this.#options;
    const nowIso = isoOf(clock);
    let next = status;
    const dialect = dialectOf(intent.source.apiVersion);
    for (const outcome of outcomes) next = dialect?.withOutcome(next, outcome, nowIso) ?? next;
    metrics.conditions(intent.release, next.conditions ?? []);
    // The API server sorts fields.
    if (isDeepStrictEqual(next, status)) return status;
    try {
      return await this.#write(intent.source, status, next);
    } catch (error) {
      if (!isKubeError(error, 'kube/not-found')) throw error;
    }
    return next;
  }

  /** @returns the status as it is now */
  async #write(
    source: Subject['source'],
    status: HelmReleaseStatus,
    next: HelmReleaseStatus,
  ): Promise<HelmReleaseStatus> {
    const { cluster, isOurs = () => true } = this.#options;
    const dialect = dialectOf(source.apiVersion);
    if (dialect === undefined || isOurs(source.apiVersion)) {
      const { attempt: _, ...unwritten } = fullStatus(status);
      const before = status.isAttemptAnnotated === true ? unwritten : fullStatus(status);
      await cluster.patch(source, 'merge', patchOf(before, fullStatus(next)), STATUS);
      if (status.isAttemptAnnotated === true) await this.#annotate(source, undefined);
      return fullStatus(next);
    }
    const text = attemptAnnotation(next);
    if (
      text !== undefined &&
      (text !== attemptAnnotation(status) || status.isAttemptAnnotated !== true)
    )
      await this.#annotate(source, text);
    const patch = patchOf(plainStatus(status, dialect), plainStatus(next, dialect));
    if (patch !== NO_CHANGE) await cluster.patch(source, 'merge', patch, STATUS);
    return text === undefined ? next : { ...next, isAttemptAnnotated: true };
  }

  /** @param text `undefined` takes the annotation away */
  async #annotate(source: Subject['source'], text: string | undefined): Promise<void> {
    const annotations = { [ATTEMPT_ANNOTATION]: text ?? null };
    const body = JSON.stringify({ metadata: { uid: source.uid, annotations } });
    await this.#options.cluster.patch(source, 'merge', body, UNREAD);
  }

  /**
   * Writes the health on its own: it is nobody's turn. An object that is gone meanwhile is no error.
   *
   * @param health `undefined`: there is no release
   */
  async health(
    source: Subject['source'],
    before: HealthStatus | undefined,
    health: ReleaseHealth | undefined,
  ): Promise<HealthStatus | undefined> {
    const { clock, cluster, isOurs = () => true } = this.#options;
    const now = health === undefined ? undefined : withHealth(before, health, isoOf(clock));
    if (isDeepStrictEqual(now, before) || !isOurs(source.apiVersion)) return now;
    const status = (told: HealthStatus | undefined): HelmReleaseStatus =>
      told === undefined ? {} : { health: told };
    try {
      await cluster.patch(source, 'merge', patchOf(status(before), status(now)), STATUS);
    } catch (error) {
      if (!isKubeError(error, 'kube/not-found')) throw error;
    }
    return now;
  }

  succeeded(subject: Subject): void {
    this.#record(subject, 'ReleaseSynced');
  }

  /** Nothing is done before another HelmRelease is ready. @param why redacted */
  waits(subject: Subject, why: string): void {
    this.#record(subject, 'DependencyNotReady', why);
  }

  /** The object goes, its release does not. */
  kept(subject: Subject, why: string): void {
    this.#record(subject, 'ReleaseKept', why);
  }

  /** The object goes because its definition does; the release does not. */
  definitionDeleted(subject: Subject, why: string): void {
    this.#record(subject, 'DefinitionDeleted', why);
  }

  /** @param objects redacted */
  drifted(subject: Subject, objects: string, isCorrected: boolean): void {
    this.#record(subject, isCorrected ? 'DriftCorrected' : 'DriftDetected', objects);
  }

  /** @param reason redacted @param sameAs what stays the same while it fails again: pods have other names then */
  failed(subject: Subject, reason: string, sameAs?: string): void {
    this.#record(subject, 'FailedReleaseSync', reason, sameAs);
  }

  #record({ source, release }: Subject, reason: EventReason, detail = '', sameAs?: string): void {
    this.#options.events.record({
      subject: source,
      type: EVENTS[reason].type,
      reason,
      message: eventMessage(reason, release, detail),
      sameAs,
    });
  }
}
