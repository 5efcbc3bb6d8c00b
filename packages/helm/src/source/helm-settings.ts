// SPDX-License-Identifier: Apache-2.0

/** Where Helm keeps its files, and what it tells its plugins. Source: helm v3.22.0 pkg/cli/environment.go, pkg/helmpath. */

import { join } from 'node:path';

type Env = Readonly<Record<string, string | undefined>>;

export interface HelmSettings {
  readonly cacheHome: string;
  readonly configHome: string;
  readonly dataHome: string;
  /** Folders with one plugin in each subfolder, separated by `:`. */
  readonly plugins: string;
  readonly registryConfig: string;
  /** Folder of the indexes that `repo update` fetched. */
  readonly repositoryCache: string;
  /** `repositories.yaml` */
  readonly repositoryConfig: string;
  readonly env: Env;
}

export function helmSettingsOf(env: Env, homeFolder: string): HelmSettings {
  const home = (helm: string, xdg: string, below: string): string =>
    env[helm] || join(env[xdg] || join(homeFolder, below), 'helm');
  const cacheHome = home('HELM_CACHE_HOME', 'XDG_CACHE_HOME', '.cache');
  const configHome = home('HELM_CONFIG_HOME', 'XDG_CONFIG_HOME', '.config');
  const dataHome = home('HELM_DATA_HOME', 'XDG_DATA_HOME', '.local/share');
  const of = (name: string, fallback: string) => env[name] ?? fallback;
  return {
    env,
    cacheHome,
    configHome,
    dataHome,
    plugins: of('HELM_PLUGINS', join(dataHome, 'plugins')),
    registryConfig: of('HELM_REGISTRY_CONFIG', join(configHome, 'registry/config.json')),
    repositoryCache: of('HELM_REPOSITORY_CACHE', join(cacheHome, 'repository')),
    repositoryConfig: of('HELM_REPOSITORY_CONFIG', join(configHome, 'repositories.yaml')),
  };
}

/** The environment of a plugin: the process's own, with what Helm sets. */
export function pluginEnv(settings: HelmSettings, name: string, folder: string): Env {
  const { env } = settings;
  return {
    ...env,
    HELM_BIN: env['HELM_BIN'] ?? 'helm-operator',
    HELM_CACHE_HOME: settings.cacheHome,
    HELM_CONFIG_HOME: settings.configHome,
    HELM_DATA_HOME: settings.dataHome,
    HELM_DEBUG: env['HELM_DEBUG'] ?? 'false',
    HELM_PLUGINS: settings.plugins,
    HELM_REGISTRY_CONFIG: settings.registryConfig,
    HELM_REPOSITORY_CACHE: settings.repositoryCache,
    HELM_REPOSITORY_CONFIG: settings.repositoryConfig,
    HELM_NAMESPACE: env['HELM_NAMESPACE'] ?? 'default',
    HELM_MAX_HISTORY: env['HELM_MAX_HISTORY'] ?? '10',
    HELM_BURST_LIMIT: env['HELM_BURST_LIMIT'] ?? '100',
    HELM_QPS: env['HELM_QPS'] ?? '0.00',
    HELM_KUBECONTEXT: env['HELM_KUBECONTEXT'] ?? '',
    HELM_KUBETOKEN: env['HELM_KUBETOKEN'] ?? '',
    HELM_KUBEASUSER: env['HELM_KUBEASUSER'] ?? '',
    HELM_KUBEASGROUPS: env['HELM_KUBEASGROUPS'] ?? '',
    HELM_KUBEAPISERVER: env['HELM_KUBEAPISERVER'] ?? '',
    HELM_KUBECAFILE: env['HELM_KUBECAFILE'] ?? '',
    HELM_KUBEINSECURE_SKIP_TLS_VERIFY: env['HELM_KUBEINSECURE_SKIP_TLS_VERIFY'] ?? 'false',
    HELM_KUBETLS_SERVER_NAME: env['HELM_KUBETLS_SERVER_NAME'] ?? '',
    HELM_PLUGIN_NAME: name,
    HELM_PLUGIN_DIR: folder,
  };
}
