// SPDX-License-Identifier: Apache-2.0
export {
  type Chart,
  type ChartDependency,
  type ChartFile,
  type ChartLock,
  type ChartMaintainer,
  type ChartMetadata,
  type CrdFile,
  crdsOf,
  isLibrary,
} from './chart/chart.ts';
export { type CompactChart, compactChart } from './chart/compact-chart.ts';
export { type IgnoreRules, ignoreRules } from './chart/ignore.ts';
export {
  type ArchivePorts,
  archiveUnpacker,
  loadArchive,
  MAX_CHART_BYTES,
  MAX_FILE_BYTES,
  unpackArchive,
} from './chart/load-archive.ts';
export { type LoadOptions, loadFiles, type UnpackArchive } from './chart/load-files.ts';
export {
  type RawMetadata,
  readApiVersion,
  readMetadata,
  validateMetadata,
} from './chart/metadata.ts';
export { dependencyJson, lockJson, metadataJson, storedChart } from './chart/stored-chart.ts';
export { readTar, type TarEntry } from './chart/untar.ts';
export { ChartError, type ChartErrorCode } from './errors.ts';
export type {
  CryptoPort,
  DigestAlgorithm,
  FunctionPorts,
  KeyPair,
  KeyRequest,
  ScryptParameters,
  UnixNano,
} from './functions/ports.ts';
export { explainValue } from './library/explain-value.ts';
export { type LayerOptions, objectLayer, setLayer, yamlLayer } from './library/layers.ts';
export { type ChartSource, type LoadChartOptions, loadChart } from './library/load-chart.ts';
export { type PlainValue, plainValue } from './library/plain-value.ts';
export {
  type RenderedChart,
  type RenderReleaseOptions,
  renderRelease,
} from './library/render-release.ts';
export { valuePath } from './library/value-path.ts';
export { lintDeterminism } from './lint/deterministic.ts';
export { type Finding, printFinding, type Severity } from './lint/finding.ts';
export type { LintFolder, Presence } from './lint/folder.ts';
export { type LintOptions, lintChart } from './lint/lint.ts';
export type { TemplateLintOptions } from './lint/templates.ts';
export type { Profile } from './profile.ts';
export { DEFAULT_API_VERSIONS } from './render/api-versions.ts';
export {
  type Capabilities,
  DEFAULT_CAPABILITIES,
  HELM_VERSIONS,
  type HelmVersion,
  type KubeVersion,
  parseKubeVersion,
} from './render/capabilities.ts';
export type { ChartCache, Lookup } from './render/engine.ts';
export {
  type Hook,
  type HookEvent,
  type ManifestDocument,
  type ManifestHead,
  type SortedManifests,
  sortManifests,
} from './render/manifests.ts';
export { renderNameTemplate } from './render/name-template.ts';
export { metadataType } from './render/objects.ts';
export { OutputTrace, type Printer, type TemplatePlace } from './render/output-trace.ts';
export type { PostRender, PostRenderStrategy } from './render/post-render.ts';
export {
  DEFAULT_BUDGET,
  type RenderInput,
  type RenderOutput,
  type RenderPorts,
  renderChart,
} from './render/render.ts';
export { INSTALL_ORDER, type KindOrder, sortByKind, UNINSTALL_ORDER } from './render/sort.ts';
export { splitManifests, trimSpace } from './render/split.ts';
export { createTemplateCache, type TemplateCache } from './render/template-cache.ts';
export {
  type CoalesceOptions,
  coalesceTables,
  coalesceValues,
  mergeTables,
  mergeValues,
  type Warn,
} from './values/coalesce.ts';
export {
  type ComposedValues,
  composeValues,
  type DocumentLayer,
  type ObserveLeaf,
  type SetLayer,
  type ValuesLayer,
} from './values/compose.ts';
export {
  type DependencyOptions,
  isInRange,
  processDependencies,
} from './values/dependencies.ts';
export { type ExplainedValue, explainValues, type ValueSource } from './values/explain.ts';
export { mergeMaps } from './values/merge.ts';
export { readValues, readValuesWithLines } from './values/read-values.ts';
export { NO_SECRETS, Redactor } from './values/redactor.ts';
export { checkSchemas } from './values/schema.ts';
export { type SetMode, type SetOptions, setValues } from './values/set.ts';
export { deepCopy, isTable } from './values/tables.ts';
export { type TargetPath, targetLine, withTargetsOver } from './values/target-path.ts';
export { type TracedValue, traceValues } from './values/trace.ts';
export { valuePathsOf } from './values/value-paths.ts';
