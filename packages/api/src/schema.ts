// SPDX-License-Identifier: Apache-2.0

/** The parts that the definitions of every dialect are made of. */

/** A node of an OpenAPI v3 schema. */
export interface Schema {
  readonly [key: string]: unknown;
}

export function text(description: string): Schema {
  return { type: 'string', description };
}

export function flag(description: string): Schema {
  return { type: 'boolean', description };
}

export function integer(description: string): Schema {
  return { type: 'integer', format: 'int64', description };
}

/** RFC 3339. */
export function time(description: string): Schema {
  return { type: 'string', format: 'date-time', description };
}

export function object(
  properties: Readonly<Record<string, Schema>>,
  required: readonly string[] = [],
  description?: string,
): Schema {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties,
    ...(required.length === 0 ? {} : { required }),
  };
}

export function list(items: Schema, description: string): Schema {
  return {
    type: 'array',
    description,
    items,
  };
}

/** Properties of an object's schema, by name, for a kind that has some of them. */
export function pick(schema: Schema, names: readonly string[]): Readonly<Record<string, Schema>> {
  const properties = schema['properties'] as Readonly<Record<string, Schema>>;
  return Object.fromEntries(
    names.map((name) => {
      const found = properties[name];
      if (found === undefined) throw new TypeError(`there is no property ${name}`);
      return [name, found];
    }),
  );
}

export interface Column {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description?: string;
}

/** A CustomResourceDefinition with one version. */
export interface CrdFacts {
  readonly group: string;
  readonly version: string;
  readonly shortNames: readonly string[];
  readonly columns: readonly Column[];
  readonly spec: Schema;
  readonly status: Schema;
}

/** The definition of a kind HelmRelease as an object. */
export function helmReleaseDefinition(facts: CrdFacts): Schema {
  const { group, version, shortNames, columns, spec, status } = facts;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `helmreleases.${group}` },
    spec: {
      group,
      names: {
        kind: 'HelmRelease',
        listKind: 'HelmReleaseList',
        plural: 'helmreleases',
        singular: 'helmrelease',
        shortNames,
      },
      scope: 'Namespaced',
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
          schema: {
            openAPIV3Schema: object(
              {
                apiVersion: { type: 'string' },
                kind: { type: 'string' },
                metadata: { type: 'object' },
                spec: { ...spec, description: 'What shall be.' },
                status: { ...status, description: 'What became of it; written by the operator.' },
              },
              ['metadata', 'spec'],
              'A Helm release as it shall be.',
            ),
          },
        },
      ],
    },
  };
}
