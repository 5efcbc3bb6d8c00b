// SPDX-License-Identifier: Apache-2.0

/**
 * The front door of the published package: load a chart, compose values, render a release, explain a value.
 *
 * Everything else that the rooms of Helm Operator use stands in `index.ts`, published as `@helm-operator/chart/engine`.
 */

export type {
  Chart,
  ChartDependency,
  ChartFile,
  ChartLock,
  ChartMaintainer,
  ChartMetadata,
  CrdFile,
} from './chart/chart.ts';
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
export type { Profile } from './profile.ts';
export type { Lookup } from './render/engine.ts';
export type { Hook, HookEvent, ManifestDocument, ManifestHead } from './render/manifests.ts';
export type { RenderOutput, RenderPorts } from './render/render.ts';
export { createTemplateCache, type TemplateCache } from './render/template-cache.ts';
export type { Warn } from './values/coalesce.ts';
export {
  type ComposedValues,
  composeValues,
  type DocumentLayer,
  type LayerFacts,
  type SetLayer,
  type ValuesLayer,
} from './values/compose.ts';
export type { ExplainedValue, ValueSource } from './values/explain.ts';
export { Redactor } from './values/redactor.ts';
export type { SetMode } from './values/set.ts';
export type { TracedValue } from './values/trace.ts';
