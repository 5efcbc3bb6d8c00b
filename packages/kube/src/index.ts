// SPDX-License-Identifier: Apache-2.0
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
  PatchKind,
  ResourceInfo,
  ResourceTable,
  ServerVersion,
  WatchEvent,
  WriteOptions,
} from './cluster.ts';
export type { CredentialConfig, ExecConfig, KubeConfig, Material } from './config/kube-config.ts';
export {
  isKubeError,
  KubeError,
  type KubeErrorCode,
  type Retry,
  type StatusCause,
  type StatusDetails,
} from './errors.ts';
