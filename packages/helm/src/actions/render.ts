// SPDX-License-Identifier: Apache-2.0

/**
 * Chart + values + capabilities → rendered release, with `lookup` answered under the release's identity.
 *
 * Source: helm v3.22.0 pkg/action/action.go renderResources, getCapabilities; pkg/engine/lookup_func.go
 */

import { DEFAULT_CAPABILITIES } from '@helm-operator/chart';
import { decodeYaml, type Value, type ValueMap } from '@helm-operator/gocompat';
import { isKubeError } from '@helm-operator/kube';
import { wrap } from '../errors.ts';
import type {
  ClusterCapabilities,
  LookupPort,
  RenderedRelease,
  RenderRequest,
} from '../render-host/port.ts';
import type { InstallOptions } from './options.ts';
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
    throw asUnreachable(session.texts, error);
  }
}

/** What rendering needs of an action's options. */
type RenderOptions = Pick<InstallOptions, 'dryRun' | 'mustHideSecrets' | 'postRenderer'>;

/** @throws {HelmError} `helm/render*`: Helm's text, or which limit was hit */
export async function renderRelease(
  request: Omit<RenderRequest, 'capabilities' | 'profile'>,
  options: RenderOptions,
  session: Session,
): Promise<RenderedRelease> {
  const { profile } = session;
  const capabilities = isOffline(options, session)
    ? offlineCapabilities()
    : await readCapabilities(session);
  const { render, signal } = session.context;
  const lookup = options.dryRun === 'client' ? undefined : lookupIn(session);
  const postRender = profile === 'helm4' ? options.postRenderer : undefined;
  const rendered = await render.render(
    { ...request, capabilities, profile },
    { signal, lookup, postRender },
  );
  reach(session, 'rendered');
  const shown =
    options.mustHideSecrets === true ? hideSecrets(rendered.manifest) : rendered.manifest;
  return { ...rendered, manifest: await postRenderManifest(shown, options, session) };
}

/** Whether the cluster may not be asked at all. */
export function isOffline(
  { dryRun }: Pick<InstallOptions, 'dryRun'>,
  { action, profile }: Session,
): boolean {
  return dryRun === 'client' && profile === 'helm4' && action === 'install';
}

/** What Helm 4 takes for granted when it may not ask. */
function offlineCapabilities(): ClusterCapabilities {
  const { kubeVersion, apiVersions } = DEFAULT_CAPABILITIES.helm4;
  const { version, major, minor } = kubeVersion;
  return { gitVersion: version, major, minor, apiVersions };
}

/** What Helm 3's post-renderer makes of a manifest; with Helm 4 it has done its work already. @throws {HelmError} `helm/render` */
export async function postRenderManifest(
  manifest: string,
  { postRenderer }: Pick<RenderOptions, 'postRenderer'>,
  { context, profile }: Session,
): Promise<string> {
  if (postRenderer === undefined || profile === 'helm4') return manifest;
  try {
    return await postRenderer(manifest, context.signal);
  } catch (error) {
    context.signal.throwIfAborted();
    throw wrap('helm/render', 'error while running post render on files', error);
  }
}

const DOCUMENT_START = /^---\n# Source: .*\n/m;

/**
 * The manifest without the contents of its Secrets.
 *
 * Source: helm v3.22.0 pkg/action/action.go renderResources
 */
export function hideSecrets(manifest: string): string {
  const parts: string[] = [];
  let rest = manifest;
  for (;;) {
    const start = DOCUMENT_START.exec(rest);
    if (start === null) return [...parts, rest].join('');
    const [head] = start;
    const body = rest.slice(start.index + head.length);
    const end = DOCUMENT_START.exec(body)?.index ?? body.length;
    parts.push(rest.slice(0, start.index), head, shownBody(body.slice(0, end)));
    rest = body.slice(end);
  }
}

function shownBody(body: string): string {
  const object = decodeYaml(body);
  if (!(object instanceof Map) || object.get('kind') !== 'Secret') return body;
  if (object.get('apiVersion') !== 'v1') return body;
  return '# HIDDEN: The Secret output has been suppressed\n';
}

/** An object or list that is not there is an empty map, as in Helm. */
export function lookupIn(session: Session): LookupPort {
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
      // Helm asks for a nameless resource then, which no server has.
      if ((await cluster.resources({ signal })).apiVersions().includes(apiVersion))
        return new Map();
      const doing = `unable to get apiresource from unstructured: ${group}, Kind=${kind}`;
      const cause = new Error('the server could not find the requested resource', { cause: error });
      throw wrap('helm/render', doing, cause);
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
