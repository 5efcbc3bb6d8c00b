// SPDX-License-Identifier: Apache-2.0

/** The stored revisions of releases, as the API server has them and as Helm shows them. */

import { gunzipSync } from 'node:zlib';
import type { ControlPlane } from '../kit/control-plane/control-plane.ts';
import { mustRun } from '../kit/kubectl.ts';

export interface StoredRevision {
  readonly release: string;
  readonly revision: number;
  readonly status: string;
  /** Its values' field `message`. */
  readonly message: string;
}

interface SecretObject {
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
}

/** Of one release, or of all of the namespace; oldest first. */
export async function readRecords(
  plane: ControlPlane,
  namespace: string,
  name?: string,
): Promise<readonly StoredRevision[]> {
  const selector = `owner=helm${name === undefined ? '' : `,name=${name}`}`;
  const path = `/api/v1/namespaces/${namespace}/secrets?labelSelector=${encodeURIComponent(selector)}`;
  const { status, body } = await plane.call('GET', path);
  if (status !== 200) throw new Error(`GET ${path}: status ${status}`);
  return (body as { items: SecretObject[] }).items
    .map(({ metadata, data }): StoredRevision => {
      const packed = Buffer.from(Buffer.from(data['release'] ?? '', 'base64').toString(), 'base64');
      const { config = {} } = JSON.parse(gunzipSync(packed).toString()) as {
        config?: { message?: string };
      };
      const { name: release = '', version, status: is = '' } = metadata.labels;
      return { release, revision: Number(version), status: is, message: config.message ?? '' };
    })
    .toSorted((a, b) => a.revision - b.revision);
}

/** `''`, or what is wrong: no revision is skipped, none is left pending, exactly one is deployed, the last. */
export function historyProblem(
  records: readonly Pick<StoredRevision, 'revision' | 'status'>[],
): string {
  const seen = records.map(({ revision, status }) => `${revision} ${status}`).join(', ');
  const first = records[0]?.revision ?? 0;
  if (records.some(({ revision }, i) => revision !== first + i)) return `a gap: ${seen}`;
  const deployed = records.filter(({ status }) => status === 'deployed').length;
  if (records.at(-1)?.status !== 'deployed' || deployed !== 1) return `not deployed: ${seen}`;
  return records.some(({ status }) => status.startsWith('pending')) ? `pending: ${seen}` : '';
}

/** What `helm history` says. */
export async function helmHistory(
  plane: ControlPlane,
  namespace: string,
  name: string,
): Promise<readonly Pick<StoredRevision, 'revision' | 'status'>[]> {
  const args = ['history', name, '-n', namespace, '-o', 'json'];
  return JSON.parse(await mustRun('helm3', plane.kubeconfig, args));
}
