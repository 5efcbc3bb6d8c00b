// SPDX-License-Identifier: Apache-2.0

/** What is wrong with Chart.yaml. Source: helm v3.22.0 pkg/lint/rules/chartfile.go; helm4: v4.2.1 pkg/chart/v2/lint/rules. */

import {
  decodeUtf8,
  decodeYaml,
  newConstraint,
  newVersion,
  quote,
  strictNewVersion,
  typeName,
  type Value,
} from '@helm-operator/gocompat';
import { decodeGoYaml } from '../chart/go-struct.ts';
import { type RawMetadata, readMetadata, unknownField } from '../chart/metadata.ts';
import { messageOf } from '../errors.ts';
import type { Profile } from '../profile.ts';
import { isTable } from '../values/tables.ts';
import { isEmail, isRequestUrl, isUrl } from './addresses.ts';
import type { Finding, Severity } from './finding.ts';
import type { LintFolder } from './folder.ts';

const PATH = 'Chart.yaml';

export function lintChartFile(folder: LintFolder, profile: Profile): readonly Finding[] {
  const findings: Finding[] = [];
  const report = (message: string | undefined, severity: Severity = 'error') => {
    if (message !== undefined) findings.push({ severity, path: PATH, message });
  };
  if (folder.isChartFileFolder) report('should be a file, not a directory');
  let text: string;
  let metadata: RawMetadata;
  let untyped: Value;
  try {
    if (folder.chartFile instanceof Error) throw folder.chartFile;
    text = decodeUtf8(folder.chartFile);
    metadata = readMetadata(decodeGoYaml(text), profile);
    untyped = decodeYaml(text);
  } catch (error) {
    report(`unable to parse YAML\n\t${messageOf(error)}`);
    return findings;
  }
  if (profile === 'helm4') report(strictProblem(text), 'warning');
  report(nameProblem(metadata));
  report(apiVersionProblem(metadata));
  report(typeProblem(untyped, 'version'));
  report(versionProblem(metadata));
  report(typeProblem(untyped, 'appVersion'));
  report(maintainerProblem(metadata));
  report(sourceProblem(metadata));
  report(metadata.icon === '' ? 'icon is recommended' : undefined, 'info');
  report(iconProblem(metadata));
  report(kindProblem(metadata));
  report(dependenciesProblem(metadata));
  if (profile === 'helm4') report(strictVersionProblem(metadata), 'warning');
  return findings;
}

/** A key twice, or one that Chart.yaml does not know. */
function strictProblem(text: string): string | undefined {
  try {
    const unknown = unknownField(decodeYaml(text, { strict: true }));
    if (unknown === undefined) return undefined;
    return `failed to strictly parse chart metadata file\n\terror unmarshaling JSON: while decoding JSON: json: unknown field ${quote(unknown)}`;
  } catch (error) {
    return `failed to strictly parse chart metadata file\n\t${messageOf(error)}`;
  }
}

function strictVersionProblem({ version }: RawMetadata): string | undefined {
  try {
    strictNewVersion(version);
    return undefined;
  } catch {
    return `version '${version}' is not a valid SemVerV2`;
  }
}

function nameProblem({ name }: RawMetadata): string | undefined {
  if (name === '') return 'name is required';
  return baseName(name) === name ? undefined : `chart name ${quote(name)} is invalid`;
}

/** Go's `filepath.Base` of a text that is not empty. */
function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '');
  return trimmed === '' ? '/' : trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

const API_VERSIONS = 'The value must be either "v1" or "v2"';

function apiVersionProblem({ apiVersion }: RawMetadata): string | undefined {
  if (apiVersion === '') return `apiVersion is required. ${API_VERSIONS}`;
  if (apiVersion === 'v1' || apiVersion === 'v2') return undefined;
  return `apiVersion '${apiVersion}' is not valid. ${API_VERSIONS}`;
}

function typeProblem(chartFile: Value, key: string): string | undefined {
  const value = isTable(chartFile) ? chartFile.get(key) : undefined;
  if (value === undefined || typeof value === 'string') return undefined;
  return `${key} should be of type string but it's of type ${typeName(value)}`;
}

function versionProblem({ version }: RawMetadata): string | undefined {
  if (version === '') return 'version is required';
  try {
    const [reason] = newConstraint('>0.0.0-0').validate(newVersion(version));
    return reason === undefined ? undefined : `version ${reason}`;
  } catch {
    return `version '${version}' is not a valid SemVer`;
  }
}

function maintainerProblem({ maintainers }: RawMetadata): string | undefined {
  for (const maintainer of maintainers) {
    if (maintainer === undefined) return 'a maintainer entry is empty';
    const { name, email, url } = maintainer;
    if (name === '') return 'each maintainer requires a name';
    if (email !== '' && !isEmail(email)) return `invalid email '${email}' for maintainer '${name}'`;
    if (url !== '' && !isUrl(url)) return `invalid url '${url}' for maintainer '${name}'`;
  }
  return undefined;
}

function sourceProblem({ sources }: RawMetadata): string | undefined {
  const wrong = sources.find((source) => !isRequestUrl(source));
  return wrong === undefined ? undefined : `invalid source URL '${wrong}'`;
}

function iconProblem({ icon }: RawMetadata): string | undefined {
  return icon === '' || isRequestUrl(icon) ? undefined : `invalid icon URL '${icon}'`;
}

function kindProblem({ type, apiVersion }: RawMetadata): string | undefined {
  return type === '' || apiVersion === 'v2'
    ? undefined
    : `chart type is not valid in apiVersion '${apiVersion}'. It is valid in apiVersion 'v2'`;
}

function dependenciesProblem({ dependencies = [], apiVersion }: RawMetadata): string | undefined {
  return dependencies.length === 0 || apiVersion === 'v2'
    ? undefined
    : `dependencies are not valid in the Chart file with apiVersion '${apiVersion}'. They are valid in apiVersion 'v2'`;
}
