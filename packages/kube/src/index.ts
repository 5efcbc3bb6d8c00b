// SPDX-License-Identifier: Apache-2.0

export {
  type ApplyContext,
  applyObject,
  createObject,
  deleteObject,
  type ObjectWriteOptions,
  patchObject,
  replaceObject,
} from './apply/apply.ts';
export { BackOff, type BackOffOptions } from './back-off.ts';
export { type ConnectedCluster, type ConnectOptions, connect } from './client/connect.ts';
export type { TransportStats } from './client/transport.ts';
export { type Clock, systemClock } from './clock.ts';
export type {
  ApplyOptions,
  CallOptions,
  Cluster,
  DeleteOptions,
  Identity,
  Json,
  JsonObject,
  ListQuery,
  ObjectRef,
  ObjectTable,
  PatchKind,
  ResourceInfo,
  ResourceTable,
  ServerVersion,
  TableColumn,
  WatchEvent,
  WriteOptions,
} from './cluster.ts';
export {
  type InClusterOptions,
  inClusterConfig,
  SERVICE_ACCOUNT_DIRECTORY,
} from './config/in-cluster.ts';
export type { CredentialConfig, ExecConfig, KubeConfig, Material } from './config/kube-config.ts';
export {
  type DecodeKubeconfigOptions,
  FOREIGN_KUBECONFIG,
  type KubeconfigOverrides,
  type KubeconfigTrust,
  kubeconfigFromText,
  kubeconfigPaths,
  type LoadKubeconfigOptions,
  loadKubeconfig,
  OWN_KUBECONFIG,
} from './config/load-kubeconfig.ts';
export {
  errorOfAnswer,
  isKubeError,
  KubeError,
  type KubeErrorCode,
  type Retry,
  type StatusCause,
  type StatusDetails,
} from './errors.ts';
export {
  EventRecorder,
  type EventRecorderOptions,
  type EventSubject,
  type ObjectEvent,
} from './events/event-recorder.ts';
export { jsonOfObject, jsonOfValue, objectOfJson, valueOfJson } from './json-value.ts';
export {
  type ElectionEnd,
  type LeaderElectionOptions,
  runLeaderElection,
} from './lease/leader-election.ts';
export { decodeLease, type LeaseRecord } from './lease/lease-record.ts';
export { MergeError } from './merge/errors.ts';
export {
  applyJsonMergePatch,
  jsonMergePatch,
  threeWayJsonMergePatch,
} from './merge/json-merge.ts';
export { applyJsonPatch, type JsonPatchOperation } from './merge/json-patch.ts';
export { type PatchType, patchTypeOf } from './merge/patch-schema.ts';
export { applyStrategicPatch, threeWayStrategicPatch } from './merge/strategic.ts';
export { WorkQueue, type WorkQueueOptions, type WorkQueueStats } from './queue/work-queue.ts';
export { runWorkers, type WorkerPlace } from './queue/workers.ts';
export {
  conditionsOf,
  fieldAt,
  hasCondition,
  numberAt,
  objectsAt,
  textAt,
} from './readiness/fields.ts';
export { jobEnd } from './readiness/job.ts';
export { READINESS_RULES, type ReadinessRule, readinessOf } from './readiness/readiness.ts';
export type { Verdict, VerdictStatus } from './readiness/verdict.ts';
export {
  type LabelSelector,
  parseLabelSelector,
  SelectorError,
} from './selector/label-selector.ts';
export {
  type CacheChange,
  type CacheListener,
  type IndexKeys,
  WatchCache,
  type WatchCacheOptions,
} from './watch/watch-cache.ts';
