// SPDX-License-Identifier: Apache-2.0

/** Looks whether sources have other charts by now, for releases of which nothing else has changed. */

import { clusterOf } from '../identity/tenant.ts';
import type { OperatorPorts } from '../ports.ts';
import { explain } from '../reconcile/explain.ts';
import type { KnownRelease } from './known-releases.ts';
import type { ReleaseKey } from './release-key.ts';

export class ChartLooks {
  readonly #ports: Pick<OperatorPorts, 'charts' | 'cluster' | 'log'>;
  readonly #due = new Set<ReleaseKey>();
  readonly #stop = new AbortController();

  constructor(ports: Pick<OperatorPorts, 'charts' | 'cluster' | 'log'>) {
    this.#ports = ports;
  }

  /** Its source is asked when its turn comes. */
  plan(key: ReleaseKey): void {
    this.#due.add(key);
  }

  forget(key: ReleaseKey): void {
    this.#due.delete(key);
  }

  stop(reason: DOMException): void {
    this.#stop.abort(reason);
  }

  /** A source that does not answer leaves what is deployed alone. */
  async hasNewChart(key: ReleaseKey, release: KnownRelease | undefined): Promise<boolean> {
    const { charts, cluster, log } = this.#ports;
    const known = release?.chart;
    if (!this.#due.delete(key) || release === undefined || known === undefined) return false;
    try {
      const { signal } = this.#stop;
      const secrets = clusterOf(release.intent, cluster);
      return (await charts.hasChanged?.(release.intent.chart, known, signal, secrets)) === true;
    } catch (error) {
      log.warning('cannot look for a new chart; what is deployed stays', {
        resource: key,
        err: explain(error, String),
      });
      return false;
    }
  }
}
