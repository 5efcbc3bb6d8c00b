// SPDX-License-Identifier: Apache-2.0

export type {
  Bucket,
  BucketContent,
  BucketLocation,
  BucketObject,
  BucketRead,
} from './bucket/bucket.ts';
export { createS3Bucket } from './bucket/s3-bucket.ts';
export { type ContentCache, type ContentWriter, digestOf } from './cache/content-cache.ts';
export { type DiskCacheOptions, openDiskCache } from './cache/disk-cache.ts';
export { createMemoryCache } from './cache/memory-cache.ts';
export {
  type BasicCredentials,
  type Credentials,
  NO_CREDENTIALS,
  type SshCredentials,
  secretsOf,
  type TlsOptions,
} from './credentials.ts';
export {
  codeOfStatus,
  FETCH_FAILURES,
  FetchError,
  type FetchErrorCode,
  type FetchErrorDetails,
  type FetchFailure,
  type FetchStep,
} from './errors.ts';
export { type ChosenRef, isFullOid, printWanted, type WantedRef } from './git/choose-ref.ts';
export type { GitOptions } from './git/git-options.ts';
export {
  GitRepositories,
  type GitRevision,
  type GitTarget,
  type OpenedCommit,
  type OpenOptions,
} from './git/git-repositories.ts';
export { type GitFile, GitTree, TREE_LIMITS, type TreeLimits } from './git/git-tree.ts';
export { type GitTransport, type GitUrl, parseGitUrl } from './git/git-url.ts';
export type { GitRemote } from './git/remote.ts';
export type { GitEnvironment } from './git/session.ts';
export { type SignedObject, signedObject } from './git/signed-object.ts';
export { type SourceIgnore, type SourceIgnoreInput, sourceIgnore } from './git/source-ignore.ts';
export { sourceRevision } from './git/source-revision.ts';
export { SshSignatureError, type SshSigner, verifySshSignature } from './git/ssh-signature.ts';
export { HostGate, type HostGateOptions } from './hosts/host-gate.ts';
export { SingleFlight } from './hosts/single-flight.ts';
export { type AddressPolicy, DEFAULT_ADDRESS_POLICY, isForbidden } from './http/address-policy.ts';
export {
  type FetchRequest,
  type FetchResult,
  fetchBytes,
  type HttpAnswer,
  withAnswer,
} from './http/http.ts';
export { NO_PROXY_SETTINGS, type ProxySettings, proxyFor, proxySettingsOf } from './http/proxy.ts';
export { CHART_LIMITS, type FetchLimits, INDEX_LIMITS } from './limits.ts';
export { maskText, maskUrl } from './mask.ts';
export {
  type CredentialSource,
  dockerCredentials,
  type RegistryCredential,
} from './oci/docker-config.ts';
export {
  type Descriptor,
  decodeManifest,
  type ImageIndex,
  type ImageManifest,
  MEDIA_TYPES,
} from './oci/manifest.ts';
export { type OpenRegistryOptions, openRegistry } from './oci/open-registry.ts';
export {
  type AwsKeys,
  type CloudIdentities,
  type ProviderLoginOptions,
  providerLogin,
} from './oci/provider-login.ts';
export { type PushedBlob, pushBlob, pushManifest } from './oci/push.ts';
export {
  apiHost,
  parseRegistryReference,
  printRegistryReference,
  type RegistryReference,
} from './oci/reference.ts';
export {
  type FoundManifest,
  RegistryClient,
  type ResolvedReference,
} from './oci/registry-client.ts';
export { type ProgramRun, runProgram } from './plugin/run-program.ts';
export {
  createFetchPorts,
  type FetchContext,
  type FetchPorts,
  type FetchPortsOptions,
} from './ports.ts';
