// SPDX-License-Identifier: Apache-2.0

/** Which commit a wish means. Source: gitrevisions(7); Flux source-controller (pkg/git, checkout by commit, name, semver, tag, branch). */

import { newConstraint, newVersion, type Version } from '@helm-operator/gocompat';
import type { GitRef } from './pkt-line.ts';

/** The first that is set counts, in this order. Without any: the default branch. */
export interface WantedRef {
  readonly commit?: string | undefined;
  /** A whole name: `refs/pull/420/head`. */
  readonly name?: string | undefined;
  /** A range over tags. */
  readonly semver?: string | undefined;
  readonly tag?: string | undefined;
  readonly branch?: string | undefined;
  /** Whatever `git rev-parse` would find: branch, tag, commit, or an expression over them. */
  readonly any?: string | undefined;
}

/** What was chosen. */
export interface ChosenRef {
  /** What the reference names: a commit, or a tag object. */
  readonly oid: string;
  readonly commit: string;
  /** `refs/heads/main`; empty for a bare commit. */
  readonly name: string;
}

const FULL_OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** Whether a text is a whole object name: nothing has to be asked for it. */
export function isFullOid(text: string): boolean {
  return FULL_OID.test(text);
}

const EXPRESSION = /^[0-9a-f]{4,63}$|[~^@{]|-g[0-9a-f]{4,}$/i;

/** Whether only the history of a repository can tell what is meant: short object names, `main~2`, `v1.0-3-gabc1234`. */
export function isExpression(text: string): boolean {
  return EXPRESSION.test(text) && !text.startsWith('-');
}

/** A wish in one line, for messages and keys. */
export function printWanted(wanted: WantedRef): string {
  for (const kind of ['commit', 'name', 'semver', 'tag', 'branch', 'any'] as const) {
    const text = wanted[kind];
    if (isSet(text)) return `${kind === 'any' ? 'ref' : kind} ${text}`;
  }
  return 'the default branch';
}

/** What a server has to list, as prefixes. */
export function prefixesOf(wanted: WantedRef): string[] {
  if (isSet(wanted.name)) return [wanted.name];
  if (isSet(wanted.semver)) return ['refs/tags/'];
  if (isSet(wanted.tag)) return [`refs/tags/${wanted.tag}`];
  if (isSet(wanted.branch)) return [`refs/heads/${wanted.branch}`];
  if (isSet(wanted.any)) return ruleNames(wanted.any);
  return ['HEAD'];
}

/** Pure. `undefined`: none of the references is meant. @throws {Error} a range that is none, with Helm's text */
export function chooseRef(refs: readonly GitRef[], wanted: WantedRef): ChosenRef | undefined {
  if (isSet(wanted.commit)) return ofOid(wanted.commit);
  const byName = (name: string) => chosen(refs.find((ref) => ref.name === name));
  if (isSet(wanted.name)) return byName(wanted.name);
  if (isSet(wanted.semver)) return chosen(highest(refs, wanted.semver));
  if (isSet(wanted.tag)) return byName(`refs/tags/${wanted.tag}`);
  if (isSet(wanted.branch)) return byName(`refs/heads/${wanted.branch}`);
  const { any } = wanted;
  if (!isSet(any)) return headOf(refs);
  if (isFullOid(any)) return ofOid(any);
  for (const name of ruleNames(any)) {
    const found = name === 'HEAD' ? headOf(refs) : byName(name);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text !== '';
}

/** The order in which git looks for a short name. */
function ruleNames(text: string): string[] {
  return [text, `refs/${text}`, `refs/tags/${text}`, `refs/heads/${text}`];
}

function ofOid(text: string): ChosenRef | undefined {
  if (!isFullOid(text)) return undefined;
  const oid = text.toLowerCase();
  return { oid, commit: oid, name: '' };
}

function headOf(refs: readonly GitRef[]): ChosenRef | undefined {
  const head = refs.find(({ name }) => name === 'HEAD');
  return head === undefined ? undefined : chosen({ ...head, name: head.target ?? 'HEAD' });
}

function chosen(ref: GitRef | undefined): ChosenRef | undefined {
  if (ref === undefined) return undefined;
  const { oid, peeled, name } = ref;
  return { oid, commit: peeled ?? oid, name };
}

/** The tag with the highest version in the range; of equal versions the last by name. */
function highest(refs: readonly GitRef[], range: string): GitRef | undefined {
  const constraint = newConstraint(range);
  let best: { readonly ref: GitRef; readonly version: Version } | undefined;
  for (const ref of refs) {
    if (!ref.name.startsWith('refs/tags/')) continue;
    const version = versionOf(ref.name.slice('refs/tags/'.length));
    if (version === undefined || !constraint.check(version)) continue;
    const order = best === undefined ? 1 : version.compare(best.version);
    if (best === undefined || order > 0 || (order === 0 && ref.name > best.ref.name)) {
      best = { ref, version };
    }
  }
  return best?.ref;
}

function versionOf(tag: string): Version | undefined {
  try {
    return newVersion(tag);
  } catch {
    // Most repositories have tags that are no versions.
    return undefined;
  }
}
