// SPDX-License-Identifier: Apache-2.0

export { nodeCrypto, nodeFunctionPorts } from '@helm-operator/chart/node';
export type { ActionContext, LogLine } from './actions/context.ts';
export {
  correctDrift,
  type Drift,
  type DriftedObject,
  type DriftIgnore,
  type DriftOptions,
  type DriftTarget,
  findDrift,
  printDrift,
} from './actions/drift.ts';
export { install } from './actions/install.ts';
export { type InstalledOrUpgraded, installOrUpgrade } from './actions/install-or-upgrade.ts';
export { liveAnnotations } from './actions/live-annotations.ts';
export type {
  ApplyPolicy,
  ChartHandle,
  CrdPolicy,
  HistoryOptions,
  HistoryPolicy,
  HookPolicy,
  InstallOptions,
  InstallOrUpgradeOptions,
  ListOptions,
  PlanFingerprint,
  PostRenderer,
  Profile,
  ReleaseIdentity,
  RenderPolicy,
  RevisionOptions,
  RollbackOptions,
  TestOptions,
  UninstallOptions,
  UpgradeOptions,
  WaitPolicy,
} from './actions/options.ts';
export {
  type Preview,
  type PreviewOptions,
  previewInstall,
  previewInstallOrUpgrade,
  previewRollback,
  previewUninstall,
  previewUpgrade,
} from './actions/preview.ts';
export {
  getRelease,
  history,
  list,
  type ReadContext,
  readTestLogs,
  releaseValues,
  selectReleases,
  type TestLog,
} from './actions/read.ts';
export {
  decideRecovery,
  type Recovery,
  type RecoveryFacts,
  type ResumeOptions,
  resume,
  unlock,
} from './actions/recover.ts';
export { type ReleaseResources, releaseObjects, releaseTables } from './actions/resources.ts';
export { rollback } from './actions/rollback.ts';
export { ActionError } from './actions/session.ts';
export { ACTIONS, type ActionName, STEPS, type Step, type StepName } from './actions/steps.ts';
export { type TemplateOptions, template } from './actions/template.ts';
export { runTests } from './actions/test.ts';
export { type Texts, textsFor } from './actions/texts.ts';
export { type UninstallResult, uninstall } from './actions/uninstall.ts';
export { upgrade } from './actions/upgrade.ts';
export {
  HelmError,
  type HelmErrorCode,
  isHelmError,
  type Retry,
  retryOf,
  textOf,
} from './errors.ts';
export { API_FAILURES, type Diagnosis, diagnose, HELM_FAILURES, worstOf } from './failures.ts';
export { buildObjects, buildPreviousObjects, parseManifest } from './plan/build.ts';
export { type FieldChange, fieldChanges } from './plan/changes.ts';
export { type LiveObjects, type ManifestObject, objectKey, printedRef } from './plan/objects.ts';
export { ownershipProblem, withOwnership } from './plan/ownership.ts';
export {
  isUnchanged,
  type Operation,
  type Plan,
  type PlanInput,
  type PlanPolicy,
  planObjects,
} from './plan/plan.ts';
export {
  type PlanLine,
  type PrintPlanOptions,
  planLines,
  printPlan,
  printStages,
  summaryOf,
} from './plan/print.ts';
export {
  type PlannedItem,
  type PlannedStage,
  type PlannedStageName,
  type PlannedVerb,
  planDifferences,
  type ReleasePlan,
} from './plan/release-plan.ts';
export { decodeRecord, recordFromJson } from './release/decode.ts';
export { createConfigMapStorage } from './release/drivers/configmaps.ts';
export { STORAGE_DRIVERS } from './release/drivers/drivers.ts';
export { createMemoryStorage } from './release/drivers/memory.ts';
export type { DriverOptions } from './release/drivers/objects.ts';
export { createSecretStorage } from './release/drivers/secrets.ts';
export { encodeRecord, recordToJson } from './release/encode.ts';
export { type HeldHistory, holdHistory } from './release/held-history.ts';
export { byRevision, deployedRecords, lastRecord, recordsToPrune } from './release/history.ts';
export { type LabelMatcher, parseLabelSelector } from './release/label-selector.ts';
export { MARK_ANNOTATION } from './release/mark.ts';
export { recordKey, releaseNameProblem, revisionOfKey, SYSTEM_LABELS } from './release/names.ts';
export {
  type HookEvent,
  type HookPhase,
  type HookRecord,
  type HookRun,
  isPending,
  type OperationMark,
  type ReleaseInfo,
  type ReleaseRecord,
  type ReleaseStatus,
  type StoredChart,
  type StoredChartFacts,
} from './release/record.ts';
export type {
  CorruptedRecord,
  ReleaseHistory,
  ReleaseStorage,
  StorageCallOptions,
} from './release/storage.ts';
export { parseRecordTime, recordTime } from './release/time.ts';
export {
  DEFAULT_HOST_LIMITS,
  type RenderHostLimits,
  RenderPool,
  type RenderPoolOptions,
} from './render-host/pool.ts';
export type {
  ClusterCapabilities,
  CrdFile,
  LookupPort,
  RenderCallOptions,
  RenderedRelease,
  RenderOptions,
  RenderPort,
  RenderRequest,
} from './render-host/port.ts';
export type { HostBudget } from './render-host/protocol.ts';
export { blockingResolver } from './render-host/resolve-host.ts';
export { archivePorts } from './source/archive-ports.ts';
export {
  chartOfArchive,
  chartOfFiles,
  contentDigest,
  type Origin,
} from './source/chart-content.ts';
export {
  ChartDownloader,
  type ChartDownloaderOptions,
  type DownloadedChart,
  type ReferenceOptions,
} from './source/chart-downloader.ts';
export { readChartFile } from './source/chart-file.ts';
export type {
  ChartLocation,
  ChartLocationOf,
  ChartRequest,
  ChartSource,
  ChartSources,
  FetchedChart,
  GitReference,
  SourceContext,
  SourceStep,
} from './source/chart-source.ts';
export { indexUrlOf, resolveChartUrl } from './source/chart-url.ts';
export {
  buildDependencies,
  type DependencyContext,
  updateDependencies,
} from './source/dependencies/dependencies.ts';
export type { DownloadContext, VerifyPolicy } from './source/dependencies/download.ts';
export {
  type HelmRepositoriesOptions,
  openHelmRepositories,
} from './source/dependencies/helm-repositories.ts';
export type { KeptArchives } from './source/dependencies/kept-archives.ts';
export { encodeLock, helm2LockDigest, lockDigest } from './source/dependencies/lock.ts';
export { type OciRegistriesOptions, ociRegistries } from './source/dependencies/oci-registries.ts';
export type {
  DependencyArchive,
  DependencyRegistries,
  DependencyRepositories,
  DependencyRequest,
  ListedVersion,
  NamedRepository,
} from './source/dependencies/repositories.ts';
export { archiveName, saveChart } from './source/dependencies/save-chart.ts';
export { detectChart } from './source/detect-chart.ts';
export { loadChartPath } from './source/directory.ts';
export { SourceError, type SourceErrorCode } from './source/errors.ts';
export { Getters, type GettersOptions } from './source/getters.ts';
export { GitSource, type GitSourceOptions } from './source/git.ts';
export type { GitVerification } from './source/git-verification.ts';
export { type HelmSettings, helmSettingsOf } from './source/helm-settings.ts';
export { chooseVersion, type IndexVersion } from './source/index-versions.ts';
export { openLintFolder } from './source/lint-folder.ts';
export { HELM_MEDIA_TYPES } from './source/oci-media-types.ts';
export { type ChosenImage, OciCharts, type OciSourceOptions } from './source/oci-source.ts';
export { packTar, type TarFile } from './source/pack-tar.ts';
export { type CredentialFiles, type Downloader, findDownloaders } from './source/plugins.ts';
export { type IndexChart, type ReadIndex, readIndex } from './source/read-index.ts';
export {
  credentialsOfEntry,
  entryForUrl,
  loadRepositoriesFile,
  type RepositoriesFile,
  type RepositoryEntry,
  readRepositories,
  saveRepositoriesFile,
} from './source/repositories-file.ts';
export { type LocatedChart, Repositories, type RepositoriesOptions } from './source/repository.ts';
export {
  cachedIndex,
  forgetCachedIndex,
  getterReason,
  updateRepository,
} from './source/repository-cache.ts';
export {
  type ChartSourcesOptions,
  createChartSources,
  fetchChart,
  peekChart,
  placeOf,
} from './source/sources.ts';
export {
  type CosignPolicy,
  type CosignRequest,
  type IdentityRule,
  verifyCosign,
} from './source/verify/cosign.ts';
export type { SignedImage } from './source/verify/image-signatures.ts';
export {
  type KeyRing,
  readArmoredKeys,
  readKeyRing,
  type Signer,
} from './source/verify/key-ring.ts';
export {
  type NotationPolicy,
  type NotationRequest,
  verifyNotation,
} from './source/verify/notation.ts';
export {
  type ProvenanceCheck,
  type ProvenanceVerdict,
  printVerdict,
  verifyProvenance,
} from './source/verify/provenance.ts';
export {
  fetchVerifiedChart,
  type ImagePolicy,
  type VerifiedRequest,
} from './source/verify/verified-chart.ts';
export { loadKeyRing, verifyChartFile } from './source/verify/verify-file.ts';
export { type CulpritContext, findCulprits, type Suspect } from './wait/culprit.ts';
export { accountOf, describeCulprit, describeCulprits } from './wait/describe.ts';
export { OBSTACLES, type ObstacleKind } from './wait/obstacles/obstacle.ts';
export type { Awaited, WaitListener, WaitProgress, WaitPurpose } from './wait/progress.ts';
export { type Culprit, culpritsOf, WaitError, type WaitErrorCode } from './wait/wait-error.ts';
export type { Patience } from './wait/wait-loop.ts';
