// SPDX-License-Identifier: Apache-2.0

/** In what the two profiles differ; every pair of recorded answers that is not the same must be explained by these. */

import type { ChartAnswer, ChartRow } from './chart-cases.ts';

/** What Helm 3 and Helm 4 answered to one question. */
export interface AnswerPair {
  readonly topic: string;
  readonly question: ChartRow;
  readonly helm3: ChartAnswer;
  readonly helm4: ChartAnswer;
}

export interface ProfileRule {
  readonly what: string;
  readonly helm3: string;
  readonly helm4: string;
  /** Takes the difference out of a text of an answer. */
  readonly level?: (text: string) => string;
  /** The errors alone are levelled. */
  readonly isOfErrors?: boolean;
  /** Where a text alone does not tell: whether the question is about this. */
  readonly isAbout?: (pair: AnswerPair) => boolean;
}

/** The templates of a question, and what it is about. */
function asks({ question }: AnswerPair, pattern: RegExp): boolean {
  return pattern.test(question.note ?? '') || pattern.test(JSON.stringify(question.files ?? {}));
}

export const PROFILE_RULES: readonly ProfileRule[] = [
  {
    what: 'blanks at the end of a document',
    helm3: 'taken away',
    helm4: 'kept; a document that others follow loses those before the separator',
    level: (text) => text.replace(/\s+(?=\n---|$)/gu, ''),
  },
  {
    what: 'an error while a template runs',
    helm3: 'one line: `template: FILE:LINE:COLUMN: executing "FILE" at <ACTION>: MESSAGE`',
    helm4:
      'one line for each template on the way, place, action and message each on its own, indented',
    level: (text) =>
      text
        .replace(/\btemplate: /gu, '')
        .replace(/(:\d+:\d+):? +executing/gu, '$1 executing')
        .replace(/[:\s]+/gu, ' '),
    isOfErrors: true,
  },
  {
    what: 'names of Go types in errors and `typeOf`',
    helm3: '`chartutil.Values`, `chartutil.VersionSet`, `releaseutil.SimpleHead`, …',
    helm4: '`common.Values`, `common.VersionSet`, `util.SimpleHead`, …',
    level: (text) =>
      text
        .replace(/\bchartutil\./gu, 'common.')
        .replace(/\breleaseutil\./gu, 'util.')
        .replace(/\*chart\.Dependency/gu, 'interface {}'),
  },
  {
    what: 'defaults that are null in values.yaml',
    helm3: 'kept as null, unless the user gives null, too',
    helm4:
      'left out, in tables and subcharts, too; a null of the user is kept where the default was null',
    level: (text) =>
      text
        .replace(/"[^"]*":null,?/gu, '')
        .replace(/,\}/gu, '}')
        .replace(/"?\w+"?: null\s?/gu, '')
        .replace(/\w+:(?:<nil>|&lt;nil&gt;) ?/gu, ''),
    isAbout: (pair) => pair.topic === 'values' || asks(pair, /\.Values/u),
  },
  {
    what: '`.Chart`',
    helm3:
      'a struct: a field it does not have is an error; `toYaml` prints the names of Chart.yaml',
    helm4:
      'a map with the names of Go fields: a name it does not have is empty; `toYaml` prints `APIVersion`, `Name`, …',
    isAbout: (pair) => asks(pair, /\.Chart\b/u),
  },
  {
    what: '`.Capabilities.KubeVersion` printed through a pipe',
    helm3: '`{v1.31.0 1 31}`',
    helm4: '`{v1.31.0 v1.31.0 1 31}`',
    isAbout: (pair) => asks(pair, /Capabilities\.KubeVersion/u),
  },
  {
    what: '`.Capabilities.APIVersions` without a cluster',
    helm3: '57, those of client-go 0.37',
    helm4: '55, those of client-go 0.36',
    isAbout: (pair) => asks(pair, /Capabilities\.APIVersions/u),
  },
  {
    what: '`.Capabilities.HelmVersion`',
    helm3: '`v3.22`',
    helm4: '`v4.2`, with `KubeClientVersion`',
    isAbout: (pair) => asks(pair, /Capabilities\.HelmVersion/u),
  },
  {
    what: '`mustToYaml`, `mustToToml`, `mustToJson` of Helm',
    helm3: 'the first two are not there',
    helm4: 'they are; what cannot be encoded is an error',
    isAbout: (pair) => asks(pair, /mustTo(?:Yaml|Toml|Json)/u),
  },
  {
    what: '`.Files.Lines` of an empty file',
    helm3: 'no lines',
    helm4: '`index out of range [-1]`',
    isAbout: (pair) => asks(pair, /Files\.Lines/u),
  },
  {
    what: 'order of kinds',
    helm3: 'webhook configurations are unknown kinds, last by name',
    helm4:
      'MutatingWebhookConfiguration and ValidatingWebhookConfiguration last of the known kinds, first to be uninstalled',
    isAbout: (pair) => asks(pair, /kinds|Webhook/u),
  },
  {
    what: 'a document of nothing but blanks that are not ASCII',
    helm3: 'a document',
    helm4: 'nothing',
    isAbout: (pair) => asks(pair, /nbsp/u),
  },
];
