// SPDX-License-Identifier: Apache-2.0

/** How Flux writes where something came from: `main@sha1:…`. Source: fluxcd/pkg git (Commit.String, Hash.Digest). */

/** @param name `refs/heads/main`, `refs/tags/v1`, another whole name, or empty */
export function sourceRevision(name: string, commit: string): string {
  const digest = `${commit.length === 64 ? 'sha256' : 'sha1'}:${commit}`;
  const short = name.replace(/^refs\/(?:heads|tags)\//, '');
  return short === '' || short === 'HEAD' ? digest : `${short}@${digest}`;
}
