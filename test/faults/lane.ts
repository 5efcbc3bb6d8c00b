// SPDX-License-Identifier: Apache-2.0

/** A namespace with an operator behind a fault proxy that halts where it is told to. */

import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ChartRepository, packChart, startChartRepository } from '../kit/chart-repository.ts';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { type FaultProxy, startFaultProxy } from '../kit/fault-proxy/fault-proxy.ts';
import { type OperatorProcess, startOperator } from '../kit/operator-process.ts';
import { makeNamespace } from '../kit/shared-plane.ts';
import type { FaultKind } from './fault-kinds.ts';

const MAIN = fileURLToPath(new URL('../kit/operator-main.ts', import.meta.url));
const WEB_CHART = fileURLToPath(new URL('../../demo/charts/web', import.meta.url));

/** Hooks of every event and an object that comes and goes, beside what the demo chart has. */
const ADDED: ReadonlyMap<string, string> = new Map([
  [
    'templates/extra.yaml',
    '{{ if .Values.extra }}\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-extra}\ndata: {message: {{ .Values.message | quote }}}\n{{ end }}\n',
  ],
  [
    'templates/hooks.yaml',
    'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web-hook\n  annotations:\n    helm.sh/hook: post-install,post-upgrade,pre-rollback,post-rollback,pre-delete,post-delete\n    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded\ndata: {message: {{ .Values.message | quote }}}\n',
  ],
  [
    'templates/test.yaml',
    'apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-test\n  annotations: {helm.sh/hook: test, helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}\nspec:\n  terminationGracePeriodSeconds: 0\n  restartPolicy: Never\n  containers: [{name: c, image: "busybox:1"}]\n',
  ],
  [
    'crds/thing.yaml',
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.faults.test}\nspec:\n  group: faults.test\n  scope: Namespaced\n  names: {plural: things, singular: thing, kind: Thing, listKind: ThingList}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object}}\n',
  ],
]);

/** An action that ends without the step ends the wait before; the machine may be slow. */
const HALT_WITHIN_MS = 300_000;

export class Lane {
  readonly plane: ControlPlane;
  readonly namespace: string;
  readonly proxy: FaultProxy;
  readonly repository: ChartRepository;
  readonly #folder: string = mkdtempSync(join(tmpdir(), 'helm-operator-halt-'));
  #operator: OperatorProcess | undefined;
  #isRunning = false;

  private constructor(fields: Pick<Lane, 'plane' | 'namespace' | 'proxy' | 'repository'>) {
    this.plane = fields.plane;
    this.namespace = fields.namespace;
    this.proxy = fields.proxy;
    this.repository = fields.repository;
  }

  static async open(plane: ControlPlane): Promise<Lane> {
    const lane = new Lane({
      plane,
      namespace: await makeNamespace(plane, 'faults'),
      proxy: await startFaultProxy(plane.server, plane.authority),
      repository: await startChartRepository([await packChart(WEB_CHART, ADDED)]),
    });
    await lane.ensureOperator();
    return lane;
  }

  async close(): Promise<void> {
    if (this.#isRunning) await this.#operator?.kill();
    await this.repository.stop();
    await this.proxy.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  log(): string {
    return this.#operator?.log().slice(-4_000) ?? '';
  }

  get #stepsFile(): string {
    return join(this.#folder, 'steps');
  }

  /** Every step reached so far, each once, as `upgrade/waited`. */
  steps(): readonly string[] {
    return [...new Set(readFileSync(this.#stepsFile, 'utf8').split('\n').filter(Boolean))];
  }

  /** Starts one if none runs: what a Deployment does. */
  async ensureOperator(): Promise<void> {
    if (this.#isRunning) return;
    // Whoever led is gone; nobody waits here until its Lease runs out.
    if (this.#operator !== undefined) await this.#dropLease();
    const { plane, proxy, namespace } = this;
    this.#operator = await startOperator({
      kubeconfig: await plane.kubeconfigThrough(proxy.url, proxy.authority),
      namespace,
      main: MAIN,
      mustBeReady: false,
      args: [`--leader-election-namespace=${namespace}`],
      env: { KIT_HALT_FOLDER: this.#folder, KIT_STEPS_FILE: this.#stepsFile },
    });
    this.#isRunning = true;
    const { pid } = this.#operator;
    void this.#operator.ended().then(() => {
      if (this.#operator?.pid === pid) this.#isRunning = false;
    });
  }

  async #dropLease(): Promise<void> {
    const path = `/apis/coordination.k8s.io/v1/namespaces/${this.namespace}/leases/helm-operator`;
    await this.plane.call('DELETE', path).catch(() => undefined);
  }

  /** The operator halts when it reaches that step the next time. */
  arm(step: string): void {
    for (const name of ['reached', 'go']) rmSync(join(this.#folder, name), { force: true });
    writeFileSync(join(this.#folder, 'at'), step);
  }

  /**
   * One that gave up its Lease because of the fault before is started anew meanwhile.
   *
   * @returns whether it was reached in time
   */
  async #halted(isOver: () => Promise<boolean>): Promise<boolean> {
    const deadlineMs = Date.now() + HALT_WITHIN_MS;
    while (!existsSync(join(this.#folder, 'reached'))) {
      if (Date.now() > deadlineMs || (await isOver())) return false;
      await this.ensureOperator();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return true;
  }

  /**
   * Waits for the armed step, then lets the fault happen there.
   *
   * @param isOver the action ended without the step
   * @returns whether the step was reached
   */
  async strike(kind: FaultKind, isOver: () => Promise<boolean>): Promise<boolean> {
    if (!(await this.#halted(isOver))) {
      rmSync(join(this.#folder, 'at'), { force: true });
      return false;
    }
    const { plane, proxy, namespace } = this;
    const heal = await kind.inject?.({ plane, proxy, namespace });
    writeFileSync(join(this.#folder, 'go-'), kind.order ?? 'on');
    renameSync(join(this.#folder, 'go-'), join(this.#folder, 'go'));
    await heal?.();
    if (kind.order === 'die' || kind.order === 'stop') await this.#operator?.ended();
    await this.ensureOperator();
    return true;
  }
}
