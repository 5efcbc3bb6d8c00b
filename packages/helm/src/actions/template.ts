// SPDX-License-Identifier: Apache-2.0

import { checkUserLabels } from '../release/names.ts';
import type { ClusterCapabilities, RenderedRelease, RenderRequest } from '../render-host/port.ts';
import type { ActionContext } from './context.ts';
import type { InstallOptions } from './options.ts';
import { lookupIn, postRenderManifest, readCapabilities } from './render.ts';
import { openSession } from './session.ts';

/** What is rendered for nothing but to be shown. */
export interface TemplateOptions
  extends Pick<InstallOptions, 'profile' | 'chart' | 'values' | 'postRenderer' | 'labels'> {
  readonly release: RenderRequest['release'];
  readonly render: RenderRequest['policy'];
  /** Absent: the cluster is asked what it can do. */
  readonly capabilities: ClusterCapabilities | undefined;
  /** Whether `lookup` asks the cluster; otherwise it finds nothing. */
  readonly canLookup: boolean;
}

/**
 * Renders as `helm template` does: nothing is built, compared or written.
 *
 * Source: helm v3.22.0 cmd/helm/template.go, pkg/action/install.go (ClientOnly)
 * @throws {HelmError} `helm/render*`, `helm/unreachable` with Helm's text
 */
export async function template(
  { profile, chart, values, release, render, postRenderer, ...options }: TemplateOptions,
  context: ActionContext,
): Promise<RenderedRelease> {
  const session = openSession(
    'install',
    { profile, release, timeoutMs: 0, wait: { strategy: 'none' }, hooks: {} },
    context,
  );
  checkUserLabels(options.labels ?? new Map());
  const capabilities = options.capabilities ?? (await readCapabilities(session));
  const lookup = options.canLookup ? lookupIn(session) : undefined;
  const request = { profile, chart, values, release, capabilities, policy: render };
  const postRender = profile === 'helm4' ? postRenderer : undefined;
  const { signal } = context;
  const rendered = await context.render.render(request, { signal, lookup, postRender });
  const manifest = await postRenderManifest(rendered.manifest, { postRenderer }, session);
  return { ...rendered, manifest };
}
