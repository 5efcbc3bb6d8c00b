// SPDX-License-Identifier: Apache-2.0

/** What the dependencies of a chart need of Helm repositories and registries. */

/** A version of a chart as an index has it. */
export interface ListedVersion {
  readonly version: string;
  readonly urls: readonly string[];
}

/** A repository by the name its index is kept under. */
export interface NamedRepository {
  readonly name: string;
  readonly url: string;
}

export interface DependencyArchive {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly provenance: Uint8Array | undefined;
}

export interface DependencyRequest {
  readonly url: string;
  /** The one it was found in; its credentials are used. */
  readonly repository: NamedRepository | undefined;
  readonly provenance: 'never' | 'if-possible' | 'always';
}

export interface DependencyRepositories {
  /** Those of repositories.yaml, in its order. */
  readonly configured: readonly NamedRepository[];
  /** Fetches an index anew and keeps it. @throws with the reason as Helm prints it */
  refresh(repository: NamedRepository): Promise<void>;
  /** Reads the kept index of every configured repository. @throws one is not there, or cannot be read */
  loadKept(): Promise<void>;
  /**
   * The versions of a chart in the kept index, the newest first.
   *
   * @returns `undefined`: the index has no such chart @throws there is no kept index, or it cannot be read
   */
  versions(
    repository: NamedRepository,
    chart: string,
  ): Promise<readonly ListedVersion[] | undefined>;
  /** URL of a chart in a repository that is not configured. @throws with Helm's message */
  findUrl(repositoryUrl: string, chart: string, version: string): Promise<string>;
  /** @throws the archive, or the provenance file that must be there, cannot be had */
  download(request: DependencyRequest): Promise<DependencyArchive>;
}

export interface DependencyRegistries {
  /** Versions among the tags of `oci://HOST/PATH/CHART`, the highest first. @throws {FetchError} */
  tags(url: string): Promise<readonly string[]>;
  /** @param version a tag; empty for what the URL says @throws {FetchError} @throws {SourceError} */
  pull(
    url: string,
    version: string,
    provenance: DependencyRequest['provenance'],
  ): Promise<DependencyArchive>;
}
