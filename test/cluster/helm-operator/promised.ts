// SPDX-License-Identifier: Apache-2.0

/** What every promise is told with: one operator for all, releases by name. */

import assert from 'node:assert/strict';
import {
  applyHelmRelease,
  deleteHelmRelease,
  type HelmReleaseSpec,
  type HelmReleaseView,
  readHelmRelease,
  until,
  untilReleased,
} from '../../kit/helm-release.ts';
import { mustRun } from '../../kit/kubectl.ts';
import type { Story } from '../operator/story.ts';

/** Machines may be slow. */
const PATIENCE_MS = 180_000;

/** One behaviour that the original promised, by the numbers of the inventory's checklist. */
export interface PromisedCase {
  readonly title: string;
  /** Told in `npm test`, too. */
  readonly isSample?: true;
  readonly tell: (world: Promised, name: string) => Promise<void>;
}

export class Promised {
  readonly told: Story;
  readonly #log: () => string;

  constructor(told: Story, log: () => string) {
    this.told = told;
    this.#log = log;
  }

  get chart(): { readonly repository: string; readonly name: string; readonly version: string } {
    return { repository: this.told.repository.url, name: 'promise', version: '1.0.0' };
  }

  async apply(name: string, spec: HelmReleaseSpec = {}): Promise<void> {
    const { plane, namespace } = this.told;
    await applyHelmRelease(plane, namespace, name, {
      ...{ releaseName: name, chart: this.chart, timeout: 60 },
      ...spec,
    });
  }

  async remove(name: string): Promise<void> {
    await deleteHelmRelease(this.told.plane, this.told.namespace, name);
  }

  view(name: string): Promise<HelmReleaseView | undefined> {
    return readHelmRelease(this.told.plane, this.told.namespace, name);
  }

  /** The newest spec is dealt with, and Released says this. */
  released(name: string, wanted: 'True' | 'False' = 'True'): Promise<HelmReleaseView> {
    return untilReleased(this.told.plane, this.told.namespace, name, wanted, PATIENCE_MS);
  }

  /** `TYPE=STATUS`, sorted. */
  async conditions(name: string): Promise<readonly string[]> {
    const { conditions = [] } = (await this.view(name)) ?? {};
    return conditions.map(({ type, status }) => `${type}=${status}`).sort();
  }

  async until(name: string, what: string, isSo: (view: HelmReleaseView) => boolean): Promise<void> {
    let last: HelmReleaseView | undefined;
    await until(
      `${name}: ${what}`,
      async () => {
        last = await this.view(name);
        return last !== undefined && isSo(last);
      },
      PATIENCE_MS,
      () => JSON.stringify(last?.status),
    );
  }

  async untilThat(what: string, isSo: () => Promise<boolean>): Promise<void> {
    await until(what, isSo, PATIENCE_MS);
  }

  condition(name: string, type: string, status: string): Promise<void> {
    return this.until(name, `${type} is ${status}`, ({ conditions }) =>
      conditions.some((condition) => condition.type === type && condition.status === status),
    );
  }

  helm(...args: readonly string[]): Promise<string> {
    const { plane, namespace } = this.told;
    return mustRun('helm3', plane.kubeconfig, [...args, '-n', namespace]);
  }

  kubectl(...args: readonly string[]): Promise<string> {
    const { plane, namespace } = this.told;
    return mustRun('kubectl', plane.kubeconfig, [...args, '-n', namespace]);
  }

  /** Statuses of the stored revisions as real helm lists them. */
  async history(name: string): Promise<readonly string[]> {
    const listed = JSON.parse(await this.helm('history', name, '-o', 'json')) as {
      status: string;
    }[];
    return listed.map(({ status }) => status);
  }

  /** An object of the namespace, by its path under `/api/v1/namespaces/NS/` or `/apis/…`. */
  async object(path: string): Promise<Record<string, unknown> | undefined> {
    return await this.told.get(path.replace('NS', this.told.namespace));
  }

  async message(name: string): Promise<unknown> {
    const config = await this.object(`/api/v1/namespaces/NS/configmaps/${name}`);
    return (config?.['data'] as { message?: unknown } | undefined)?.message;
  }

  async replicas(name: string): Promise<unknown> {
    const deployment = await this.object(`/apis/apps/v1/namespaces/NS/deployments/${name}`);
    return (deployment?.['spec'] as { replicas?: unknown } | undefined)?.replicas;
  }

  async create(resource: string, object: object): Promise<void> {
    const path = `/api/v1/namespaces/${this.told.namespace}/${resource}`;
    const { status } = await this.told.plane.call('POST', path, object);
    assert.equal(status, 201, `creating ${resource}`);
  }

  /** What the operator has logged so far about a release, by message. */
  logged(name: string): readonly string[] {
    return this.#log()
      .split('\n')
      .filter((line) => line.includes(`:helmrelease/${name}"`));
  }
}
