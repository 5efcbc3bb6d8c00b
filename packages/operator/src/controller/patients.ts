// SPDX-License-Identifier: Apache-2.0

/** Hands the releases of ended turns to the keeper of their health. */

import type { HealthStatus, IntentSource, ReleaseHealth, UnreadyObject } from '@helm-operator/api';
import { buildPreviousObjects, findCulprits, type ReleaseRecord } from '@helm-operator/helm';
import type { Cluster, ObjectRef } from '@helm-operator/kube';
import { clusterOf } from '../identity/tenant.ts';
import type { TurnResult } from '../reconcile/context.ts';
import type { HealthKeeper } from './health-keeper.ts';
import { toldHealth } from './release-health.ts';
import type { ReleaseKey } from './release-key.ts';

export interface PatientsOptions {
  readonly keeper: HealthKeeper;
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  /** Writes the health where it changed. */
  readonly tell: (
    source: IntentSource,
    before: HealthStatus | undefined,
    health: ReleaseHealth | undefined,
  ) => Promise<HealthStatus | undefined>;
  readonly onTrouble: (error: unknown, key: ReleaseKey) => void;
}

/** What was told of one release, and of which of its revisions. */
interface Chart {
  readonly revision: string;
  told: HealthStatus | undefined;
  /** Of the last turn that read the values. */
  redact: (text: string) => string;
}

/** Conditions of custom resources may quote what they were given. */
const withheld = (): string => 'told when the values of the release have been read';

export class Patients {
  readonly #options: PatientsOptions;
  readonly #charts = new Map<ReleaseKey, Chart>();

  constructor(options: PatientsOptions) {
    this.#options = options;
  }

  /** A release that ends a turn as it was is kept as it was. */
  async take(key: ReleaseKey, result: TurnResult): Promise<void> {
    try {
      await this.#take(key, result);
    } catch (error) {
      this.forget(key);
      if (!this.#options.signal.aborted) this.#options.onTrouble(error, key);
    }
  }

  async #take(key: ReleaseKey, result: TurnResult): Promise<void> {
    const { intent, record, health, redact, isForeign } = result;
    const isNone = record === undefined || record.info.status === 'uninstalled';
    if (intent === undefined || isNone || isForeign === true) {
      const told = this.#charts.get(key)?.told ?? health;
      this.forget(key);
      if (intent !== undefined && told !== undefined)
        await this.#options.tell(intent.source, told, undefined);
      return;
    }
    const revision = `${record.namespace}/${record.name} ${record.revision} ${record.info.status}`;
    const before = this.#charts.get(key);
    if (before !== undefined && redact !== undefined) before.redact = redact;
    if (before?.revision === revision) return;
    const chart: Chart = {
      revision,
      told: before?.told ?? health,
      redact: redact ?? before?.redact ?? withheld,
    };
    this.#charts.set(key, chart);
    const { keeper, tell, signal } = this.#options;
    const cluster = clusterOf(intent, this.#options.cluster);
    keeper.follow(key, {
      objects: await this.#objectsOf(record),
      tell: async (now) => {
        const text = (message: string): string => chart.redact(message);
        chart.told = await tell(intent.source, chart.told, toldHealth(now, text));
      },
      examine: (ref, message) => examine({ ref, message }, cluster, signal),
    });
  }

  forget(key: ReleaseKey): void {
    this.#charts.delete(key);
    this.#options.keeper.forget(key);
  }

  async #objectsOf({ manifest, namespace }: ReleaseRecord): Promise<readonly ObjectRef[]> {
    const { cluster, signal } = this.#options;
    const { objects } = await buildPreviousObjects(manifest, namespace, { cluster, signal });
    return objects.map(({ ref }) => ref);
  }
}

/** Only words of Kubernetes and of ours: nobody here knows the release's secrets any more. */
async function examine(
  suspect: { readonly ref: ObjectRef; readonly message: string },
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Partial<UnreadyObject>> {
  const [culprit] = await findCulprits([suspect], { cluster, signal, redact: String });
  const [reason = ''] = /^[A-Z][A-Za-z]+/.exec(culprit?.reason ?? '') ?? [];
  if (culprit === undefined || reason === '') return {};
  const { pod, mend } = culprit;
  return {
    reason,
    ...(pod === undefined ? {} : { pod }),
    ...(mend === undefined ? {} : { mend }),
  };
}
