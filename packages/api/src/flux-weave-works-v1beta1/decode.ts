// SPDX-License-Identifier: Apache-2.0

/** `flux.weave.works/v1beta1` HelmRelease → ReleaseIntent. Source: spec helm-operator.md §1.6. */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { Fields } from '../fields.ts';
import { decodeHelmRelease } from '../helm-fluxcd-io-v1/decode.ts';
import type { ReleaseIntent } from '../release-intent.ts';

/** Fields of the spec; what the newer kind has beside them means nothing here. */
const SPEC = [
  'releaseName',
  'valueFileSecrets',
  'values',
  'targetNamespace',
  'timeout',
  'forceUpgrade',
] as const;
const CHART = [
  ...['git', 'ref', 'path', 'skipDepUpdate'],
  ...['repository', 'name', 'version', 'chartPullSecret'],
] as const;
const ROLLBACK = ['enable', 'force', 'recreate', 'disableHooks', 'timeout', 'wait'] as const;
const REFERENCES = [
  'configMapKeyRef',
  'secretKeyRef',
  'externalSourceRef',
  'chartFileRef',
] as const;
const REFERENCE = ['name', 'key', 'optional', 'url', 'path'] as const;

/** @throws {DecodeError} `api/decode`: a field is of the wrong type */
export function decodeLegacyHelmRelease(object: ValueMap): ReleaseIntent {
  const spec = mapOf(object.get('spec'));
  const newer = decodeHelmRelease(new Map([...object, ['spec', newerSpec(spec)]]));
  const fields = new Fields(spec, `HelmRelease ${newer.source.namespace}/${newer.source.name}`);
  const isRollbackEnabled = fields.fields('rollback').bool('enable') === true;
  return {
    ...newer,
    install: { ...newer.install, wait: { strategy: 'none' } },
    upgrade: {
      ...newer.upgrade,
      wait: { strategy: isRollbackEnabled ? 'helm3' : 'none' },
      // Neither reset nor reused unless asked: Helm decides by what is given.
      values: fields.bool('resetValues') === true ? 'reset' : 'default',
    },
  };
}

function newerSpec(spec: ValueMap): ValueMap {
  const from = spec.get('valuesFrom');
  return new Map<string, Value>([
    ...only(spec, SPEC),
    ['chart', only(mapOf(spec.get('chart')), CHART)],
    ['rollback', only(mapOf(spec.get('rollback')), ROLLBACK)],
    ['valuesFrom', Array.isArray(from) ? from.map(newerReference) : []],
  ]);
}

function newerReference(entry: Value): Value {
  const references = REFERENCES.flatMap((name) => {
    const reference = mapOf(entry).get(name);
    return reference instanceof Map ? [[name, only(reference, REFERENCE)] as const] : [];
  });
  return new Map(references);
}

function only(map: ValueMap, names: readonly string[]): ValueMap {
  return new Map([...map].filter(([name]) => names.includes(name)));
}

function mapOf(value: Value | undefined): ValueMap {
  return value instanceof Map ? value : new Map();
}
