// SPDX-License-Identifier: Apache-2.0

/**
 * Chart + values + capabilities → rendered release, with `lookup` answered under the release's identity.
 *
 * Source: helm v3.22.0 pkg/action/action.go renderResources, getCapabilities; pkg/engine/lookup_func.go
 */

import type { Value, ValueMap } from '@helm-operator/gocompat';
import { isKubeError } from '@helm-operator/kube';
import { textOf, wrap } from '../errors.ts';
import type {
  ClusterCapabilities,
  LookupPort,
  RenderedRelease,
  RenderRequest,
} from '../render-host/port.ts';
import { asUnreachable, reach, type Session } from './session.ts';

export async function readCapabilities(session: Session): Promise<ClusterCapabilities> {
  const { cluster, signal } = session.context;
  try {
    const [version, table] = await Promise.all([
      cluster.version({ signal }),
      cluster.resources({ signal }),
    ]);
    reach(session, 'capabilities-read');
    return { ...version, apiVersions: table.apiVersions() };
  } catch (error) {
    throw asUnreachable(session, error);
  }
}

/** @throws {HelmError} `helm/render*`: Helm's text, or which limit was hit */
export async function renderRelease(
  request: Omit<RenderRequest, 'capabilities' | 'profile'>,
  session: Session,
): Promise<RenderedRelease> {
  const capabilities = await readCapabilities(session);
  const { render, signal } = session.context;
  const rendered = await render.render(
    { ...request, capabilities, profile: session.profile },
    { signal, lookup: lookupIn(session) },
  );
  reach(session, 'rendered');
  return rendered;
}

/** An object or list that is not there is an empty map, as in Helm. */
function lookupIn(session: Session): LookupPort {
  return async ({ apiVersion, kind, namespace, name }) => {
    const { cluster, signal } = session.context;
    const place = { apiVersion, kind, namespace: namespace === '' ? undefined : namespace };
    try {
      if (name !== '') return (await cluster.get({ ...place, name }, { signal })) ?? new Map();
      const items = await cluster.list(place, { signal });
      return listObject(apiVersion, kind, items);
    } catch (error) {
      if (isKubeError(error, 'kube/not-found')) return new Map();
      const group = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`;
      if (!isKubeError(error, 'kube/unknown-kind')) throw error;
      const doing = `unable to get apiresource from unstructured: ${group}, Kind=${kind}`;
      throw wrap('helm/render', doing, new Error(textOf(error)));
    }
  };
}

function listObject(apiVersion: string, kind: string, items: readonly ValueMap[]): ValueMap {
  return new Map<string, Value>([
    ['apiVersion', apiVersion],
    ['kind', `${kind}List`],
    ['metadata', new Map([['resourceVersion', '']])],
    ['items', [...items]],
  ]);
}
