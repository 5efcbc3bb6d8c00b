// SPDX-License-Identifier: Apache-2.0

/** The files of one commit, links followed within the repository, submodules where they are wanted. */

import { FetchError } from '../errors.ts';
import type { GitObject } from './object-reader.ts';
import { BadTreeError, readTree, type TreeEntry } from './tree-entries.ts';

/** Objects by name; whoever gives them fetches what is missing. */
export interface ObjectStore {
  /** Masked URL, for messages. */
  readonly origin: string;
  /** @throws {FetchError} one cannot be had */
  read(oids: readonly string[], maxBytes: number): Promise<readonly GitObject[]>;
}

/** A file of a tree. */
export interface GitFile {
  /** Relative to the folder that was read. */
  readonly path: string;
  readonly sizeBytes: number;
  /** `undefined`: larger than was asked for. */
  readonly data: Uint8Array | undefined;
}

/** Something in a tree, and whose it is. */
interface Node {
  readonly kind: TreeEntry['kind'];
  readonly oid: string;
  readonly store: ObjectStore;
  /** From the root of the repository, submodules' folders included. */
  readonly path: string;
}

export interface TreeLimits {
  /** Files with more come without data. */
  readonly maxFileBytes: number;
  /** All files of a folder together. */
  readonly maxFolderBytes: number;
  readonly maxFiles: number;
}

/** Opens the submodule at a path; `undefined`: submodules are not wanted. */
export type OpenModule = (
  path: string,
  commit: string,
) => Promise<{ readonly store: ObjectStore; readonly tree: string } | undefined>;

export const TREE_LIMITS: TreeLimits = {
  maxFileBytes: 32 * 1024 * 1024,
  maxFolderBytes: 128 * 1024 * 1024,
  maxFiles: 20_000,
};

const MAX_LINKS = 40;
const MAX_DEPTH = 100;
const MAX_TREE_BYTES = 64 * 1024 * 1024;
const MAX_LINK_BYTES = 4_096;

export class GitTree {
  readonly #root: Node;
  readonly #limits: TreeLimits;
  readonly #openModule: OpenModule;

  /** @param tree name of the root's tree object */
  constructor(
    store: ObjectStore,
    tree: string,
    options: { readonly limits?: TreeLimits | undefined; readonly openModule: OpenModule },
  ) {
    this.#root = { kind: 'folder', oid: tree, store, path: '' };
    this.#limits = options.limits ?? TREE_LIMITS;
    this.#openModule = options.openModule;
  }

  /**
   * The name of what stands at a path: the same as long as nothing below it changes. Links are followed.
   *
   * @throws {FetchError} `fetch/not-found`, `fetch/unsupported`
   */
  async oidOf(path: string): Promise<string> {
    return (await this.#locate(path)).oid;
  }

  /** Whether there is something at a path, and what. @throws {FetchError} */
  async kindOf(path: string): Promise<'file' | 'folder' | undefined> {
    try {
      const { kind } = await this.#locate(path);
      return kind === 'folder' ? 'folder' : 'file';
    } catch (error) {
      if (error instanceof FetchError && error.code === 'fetch/not-found') return undefined;
      throw error;
    }
  }

  /**
   * Every file below a folder, in the order of the tree. Links are followed as long as they stay in the repository.
   *
   * @param path empty for the root
   * @throws {FetchError} `fetch/not-found`, `fetch/unsupported` (a link that leads out), `fetch/too-large`
   */
  async readFolder(path: string): Promise<GitFile[]> {
    const folder = await this.#locate(path);
    if (folder.kind !== 'folder') throw this.#missing(path, 'is a file, not a folder');
    const found: { readonly path: string; readonly node: Node }[] = [];
    await this.#walk(folder, '', { found, depth: 0 });
    return await this.#readFiles(found);
  }

  /** Paths of all files with a name, links not followed, outer ones first. @throws {FetchError} `fetch/too-large` */
  async pathsOf(name: string): Promise<string[]> {
    const paths: string[] = [];
    let folders: Node[] = [this.#root];
    for (let depth = 0; folders.length > 0; depth++) {
      if (depth > MAX_DEPTH) throw this.#tooLarge('folders in folders');
      const inner: Node[] = [];
      for (const folder of folders) {
        for (const entry of await this.#entries(folder)) {
          const node = child(folder, entry);
          if (entry.kind === 'folder') inner.push(node);
          else if (entry.kind === 'file' && entry.name === name) paths.push(node.path);
        }
      }
      folders = inner;
    }
    return paths;
  }

  /** One file; `undefined` when it is not there. @throws {FetchError} `fetch/unsupported`, `fetch/too-large` */
  async readFile(path: string): Promise<Uint8Array | undefined> {
    if ((await this.kindOf(path)) !== 'file') return undefined;
    const node = await this.#locate(path);
    const [file] = await this.#readFiles([{ path, node }]);
    if (file?.data === undefined) throw this.#tooLarge(`${path} is too large`);
    return file.data;
  }

  async #walk(
    folder: Node,
    prefix: string,
    walk: { readonly found: { path: string; node: Node }[]; readonly depth: number },
  ): Promise<void> {
    if (walk.depth > MAX_DEPTH) throw this.#tooLarge(`${folder.path}: folders in folders`);
    for (const entry of await this.#entries(folder)) {
      const path = `${prefix}${entry.name}`;
      const node = await this.#follow(child(folder, entry), 0);
      if (node.kind === 'folder') {
        await this.#walk(node, `${path}/`, { ...walk, depth: walk.depth + 1 });
      } else if (node.kind === 'file') walk.found.push({ path, node });
      if (walk.found.length > this.#limits.maxFiles) {
        throw this.#tooLarge(`more than ${this.#limits.maxFiles} files`);
      }
    }
  }

  async #readFiles(found: readonly { path: string; node: Node }[]): Promise<GitFile[]> {
    const stores = new Map<ObjectStore, Set<string>>();
    for (const { node } of found) {
      const oids = stores.get(node.store) ?? new Set();
      stores.set(node.store, oids.add(node.oid));
    }
    const objects = new Map<string, GitObject>();
    for (const [store, wanted] of stores) {
      const oids = [...wanted];
      const read = await store.read(oids, this.#limits.maxFileBytes);
      for (const [index, object] of read.entries()) objects.set(oids[index] ?? '', object);
    }
    let total = 0;
    return found.map(({ path, node }) => {
      const object = objects.get(node.oid);
      if (object === undefined) throw this.#missing(path, 'has no content');
      total += object.data?.length ?? 0;
      if (total > this.#limits.maxFolderBytes) {
        throw this.#tooLarge(`more than ${this.#limits.maxFolderBytes} bytes in one folder`);
      }
      return { path, sizeBytes: object.sizeBytes, data: object.data };
    });
  }

  /** From the root along a path. `..` never leads above it. */
  async #locate(path: string, links = 0): Promise<Node> {
    let nodes: Node[] = [this.#root];
    for (const part of path.split('/')) {
      if (part === '' || part === '.') continue;
      if (part === '..') {
        if (nodes.length === 1) throw this.#outside(path);
        nodes = nodes.slice(0, -1);
        continue;
      }
      const folder = nodes.at(-1) ?? this.#root;
      const entries = folder.kind === 'folder' ? await this.#entries(folder) : [];
      const entry = entries.find(({ name }) => name === part);
      if (entry === undefined) throw this.#missing(path, 'is not there');
      nodes = [...nodes, await this.#follow(child(folder, entry), links)];
    }
    return nodes.at(-1) ?? this.#root;
  }

  /** What a link or a submodule stands for. */
  async #follow(node: Node, links: number): Promise<Node> {
    if (node.kind === 'module') {
      const opened = await this.#openModule(node.path, node.oid);
      // An empty folder is what a checkout without submodules has there.
      if (opened === undefined) return { ...node, kind: 'folder', oid: EMPTY_TREE };
      return { ...node, kind: 'folder', oid: opened.tree, store: opened.store };
    }
    if (node.kind !== 'link') return node;
    if (links >= MAX_LINKS) throw this.#unsupported(node.path, 'is a link that leads to itself');
    const [object] = await node.store.read([node.oid], MAX_LINK_BYTES);
    const target = object?.data?.toString('utf8') ?? '';
    if (target === '' || target.startsWith('/')) throw this.#outside(node.path);
    const folder = node.path.split('/').slice(0, -1).join('/');
    return await this.#locate(`${folder}/${target}`, links + 1);
  }

  async #entries(folder: Node): Promise<TreeEntry[]> {
    if (folder.oid === EMPTY_TREE) return [];
    const [object] = await folder.store.read([folder.oid], MAX_TREE_BYTES);
    if (object?.data === undefined) throw this.#tooLarge(`${folder.path}: too many entries`);
    try {
      return readTree(object.data, folder.oid.length / 2);
    } catch (error) {
      if (!(error instanceof BadTreeError)) throw error;
      throw this.#unsupported(folder.path, error.message);
    }
  }

  #missing(path: string, what: string): FetchError {
    return new FetchError('fetch/not-found', this.#root.store.origin, `${path || '/'} ${what}`, {
      mend: 'check path and reference',
    });
  }

  #outside(path: string): FetchError {
    return this.#unsupported(path, 'leads out of the repository');
  }

  #unsupported(path: string, what: string): FetchError {
    return new FetchError('fetch/unsupported', this.#root.store.origin, `${path} ${what}`, {
      step: 'resolve',
    });
  }

  #tooLarge(what: string): FetchError {
    return new FetchError('fetch/too-large', this.#root.store.origin, what);
  }
}

/** The name every repository knows for a tree without entries. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

function child(folder: Node, { name, kind, oid }: TreeEntry): Node {
  return {
    kind,
    oid,
    store: folder.store,
    path: folder.path === '' ? name : `${folder.path}/${name}`,
  };
}
