// SPDX-License-Identifier: Apache-2.0

/** docs/reference/helm-release.md: every field of every kind HelmRelease, from the schemas that the cluster checks. */

import {
  ANNOTATIONS,
  ATTEMPT_ANNOTATION,
  DIALECTS,
  type Dialect,
  ORIGINAL_STATUS_FIELDS,
  PHASE_RULES,
  type Schema,
} from '@helm-operator/api';
import { FINALIZER } from '@helm-operator/operator';
import { code, pageHead, table } from './markdown.ts';

/** One field of a schema. */
export interface Field {
  /** `spec.valuesFrom[].configMapKeyRef.name` */
  readonly path: string;
  readonly schema: Schema;
  readonly isRequired: boolean;
}

/** Every field below `spec` or `status`, parents first. */
export function fieldsOf({ crd }: Pick<Dialect, 'crd'>, top: 'spec' | 'status'): readonly Field[] {
  const schema = crd as {
    readonly spec: {
      readonly versions: readonly {
        readonly schema: { readonly openAPIV3Schema: ObjectSchema };
      }[];
    };
  };
  const root = schema.spec.versions[0]?.schema.openAPIV3Schema.properties?.[top];
  return root === undefined ? [] : below(root as ObjectSchema, top);
}

interface ObjectSchema extends Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: ObjectSchema;
  readonly required?: readonly string[];
}

function below(schema: ObjectSchema, path: string): readonly Field[] {
  if (schema.items !== undefined) return below(schema.items, `${path}[]`);
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => [
    {
      path: `${path}.${name}`,
      schema: field,
      isRequired: schema.required?.includes(name) ?? false,
    },
    ...below(field as ObjectSchema, `${path}.${name}`),
  ]);
}

/** The description without what it says of the default, and that. */
export function splitDefault(description: string): readonly [string, string] {
  const match = /^(.*?)\s*(?:Default: |; default: )(.+)\.$/s.exec(description);
  const [, text = '', initial = ''] = match ?? [];
  if (match === null) return [description, ''];
  return [/[.!?]$/.test(text) || text === '' ? text : `${text}.`, initial];
}

export function printHelmReleaseReference(): string {
  return `${[
    pageHead('HelmRelease reference'),
    'Every field, as `kubectl explain helmrelease.spec` shows it. Durations are whole numbers of seconds. How it works: [guides](../README.md).\n',
    ...DIALECTS.map(dialectSection),
    annotations(),
    phases(),
    columns(),
  ].join('\n')}`;
}

function dialectSection(dialect: Dialect): string {
  const { apiVersion } = dialect;
  const about =
    dialect === DIALECTS[0]
      ? 'The kind of Helm Operator 1. Its spec has no field of ours: what goes beyond it is asked for by [annotations](#annotations).'
      : 'The kind of Helm Operator 0.5 to 0.10, served where its definition is installed. What differs in meaning: [upgrade](../guides/from-helm-operator.md#fluxweaveworksv1beta1).';
  const spec = fieldsOf(dialect, 'spec').map(({ path, schema, isRequired }) => {
    const [help, initial] = splitDefault(descriptionOf(schema));
    return [code(path), typeOf(schema), isRequired ? '**required**' : initial, help];
  });
  const status = fieldsOf(dialect, 'status').map(({ path, schema }) => [
    code(path),
    typeOf(schema),
    descriptionOf(schema),
    isOriginal(path) ? '' : 'ours',
  ]);
  return `## ${apiVersion}

${about}

### Spec of ${apiVersion}

${table(['field', 'type', 'default', 'meaning'], spec)}

### Status of ${apiVersion}

Fields marked \`ours\` need our definition (\`deploy/crds/\`); on that of Helm Operator ${apiVersion === 'helm.fluxcd.io/v1' ? '1.4' : '0.10'} they are left out.

${table(['field', 'type', 'meaning', ''], status)}
`;
}

function isOriginal(path: string): boolean {
  const name = path.split('.')[1]?.replace('[]', '') ?? '';
  return ORIGINAL_STATUS_FIELDS.some((field) => field === name);
}

function descriptionOf({ description }: Schema): string {
  return typeof description === 'string' ? description : '';
}

function typeOf(schema: Schema): string {
  const { type, items, enum: values, format, pattern } = schema;
  if (Array.isArray(values)) return values.map((value) => code(String(value))).join(', ');
  if (type === 'array') return `list of ${typeOf(items as Schema)}s`;
  if (type === undefined) return 'any';
  if (format === 'date-time') return 'time';
  if (pattern !== undefined) return 'DNS label';
  return String(type);
}

function annotations(): string {
  const rows = ANNOTATIONS.map(({ name, value, help }) => [code(name), value, help]);
  return `## Annotations

Read on HelmReleases of every kind. A value that cannot be read is refused by name. An edit acts at once.

${table(['annotation', 'value', 'meaning'], rows)}

Written by the operator:

${table(
  ['where', 'what', 'meaning'],
  [
    [
      'HelmRelease',
      code(ATTEMPT_ANNOTATION),
      'What is remembered of the last attempt, where the definition has no `status.attempt`. Leave it alone.',
    ],
    ['HelmRelease', `finalizer ${code(FINALIZER)}`, 'Keeps the object until its release is gone.'],
    [
      'objects of a release',
      code('helm.fluxcd.io/antecedent: NAMESPACE:helmrelease/NAME'),
      'Whose the object is. `flux.weave.works/antecedent` for the older kind.',
    ],
  ],
)}

Annotations of image automation (\`fluxcd.io/automated\` and others): [automation](../guides/automation.md).
`;
}

function phases(): string {
  const rows = Object.values(PHASE_RULES).map(({ name, conditions, message, isNoPhase }) => [
    isNoPhase === true ? `${code(name)} (reason only)` : code(name),
    Object.entries(conditions)
      .map(([type, status]) => code(`${type}=${status}`))
      .join(', '),
    code(message('RELEASE', 'NAMESPACE')),
  ]);
  return `## Phases and conditions

\`status.phase\` is the last step that was told. Each step writes conditions; their \`reason\` is the phase. Behind the message below, a failure adds the object, the reason and the mend.
\`Released\` is the one to watch: \`kubectl wait --for=condition=Released helmrelease/NAME\`.
A test that may fail (\`test.ignoreFailures\`) leaves \`Released\` alone. Success takes \`RolledBack\` away.

${table(['phase', 'conditions', 'message'], rows)}
`;
}

function columns(): string {
  const crd = DIALECTS[0]?.crd as {
    readonly spec: {
      readonly versions: readonly {
        readonly additionalPrinterColumns?: readonly {
          readonly name: string;
          readonly jsonPath: string;
          readonly description?: string;
        }[];
      }[];
    };
  };
  const rows = (crd.spec.versions[0]?.additionalPrinterColumns ?? []).map(
    ({ name, jsonPath, description = '' }) => [name, code(jsonPath), description],
  );
  return `## Columns of kubectl get helmreleases

For \`helm.fluxcd.io/v1\`; the older kind has none.

${table(['column', 'from', 'meaning'], rows)}
`;
}
