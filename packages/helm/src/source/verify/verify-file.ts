// SPDX-License-Identifier: Apache-2.0

/** `helm verify`: an archive on disk and the provenance file beside it. Source: helm v3.22.0 pkg/downloader/chart_downloader.go (VerifyChart). */

import { readFile, stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { SourceError } from '../errors.ts';
import { type KeyRing, readKeyRing } from './key-ring.ts';
import { type ProvenanceVerdict, verifyProvenance } from './provenance.ts';

/**
 * Verifies `PATH` by `PATH.prov`.
 *
 * @param path as it was written: messages show it
 * @param keyRing path of a binary ring of public keys
 * @param base where relative paths start
 * @throws {SourceError} `source/verification`, with Helm's message
 */
export async function verifyChartFile(
  path: string,
  keyRing: string,
  nowMs: number,
  base = '',
): Promise<ProvenanceVerdict> {
  const onDisk = (shown: string) => resolve(base, shown);
  const found = await statOf(path, onDisk(path));
  if (found.isDirectory()) throw refused('unpacked charts cannot be verified');
  if (extname(path).toLowerCase() !== '.tgz') throw refused('chart must be a tgz file');
  const provenancePath = `${path}.prov`;
  try {
    await stat(onDisk(provenancePath));
  } catch (error) {
    throw refused(
      `could not load provenance file ${provenancePath}: ${goReason('stat', provenancePath, error)}`,
      error,
    );
  }
  const ring = await loadKeyRing(keyRing);
  const archive = await readFile(onDisk(path));
  const provenance = await readFile(onDisk(provenancePath));
  return await verifyProvenance({
    archive,
    provenance,
    fileName: basename(path),
    keyRing: ring,
    nowMs,
  });
}

/** @throws {SourceError} `source/verification`: no such file, or no binary ring */
export async function loadKeyRing(path: string): Promise<KeyRing> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw refused(`failed to load keyring: ${goReason('open', path, error)}`, error);
  }
  return await readKeyRing(bytes);
}

async function statOf(path: string, onDisk: string) {
  try {
    return await stat(onDisk);
  } catch (error) {
    throw refused(goReason('stat', path, error), error);
  }
}

function refused(message: string, cause?: unknown): SourceError {
  return new SourceError('source/verification', message, cause);
}

/** As Go prints the failure of a system call. */
export function goReason(call: string, path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reasons = new Map([
    ['ENOENT', 'no such file or directory'],
    ['EACCES', 'permission denied'],
    ['EISDIR', 'is a directory'],
    ['ENOTDIR', 'not a directory'],
  ]);
  return `${call} ${path}: ${reasons.get(code) ?? (error instanceof Error ? error.message : String(error))}`;
}
