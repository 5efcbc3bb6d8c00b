// SPDX-License-Identifier: Apache-2.0

/** The signature of a commit or a tag, and what it signs. Source: git v2.39 Documentation/gitformat-signature.txt, gpg-interface.c, commit.c (parse_signed_commit). */

export interface SignedObject {
  readonly format: 'pgp' | 'ssh';
  /** Armored. */
  readonly signature: string;
  /** The bytes that are signed. */
  readonly payload: Uint8Array;
}

const BEGIN = /^-----BEGIN (PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE)-----/;
const BEGIN_LINE = /^-----BEGIN (?:PGP SIGNATURE|PGP MESSAGE|SSH SIGNATURE)-----$/gm;
const SIGNATURE_HEADER = /^gpgsig(?:-sha256)?$/;

/** `undefined`: it is not signed, or in a way that is not known. */
export function signedObject(type: string, data: Uint8Array): SignedObject | undefined {
  // One character for each byte, so that offsets are those of the bytes.
  const text = Buffer.from(data).toString('latin1');
  if (type === 'commit') return signedCommit(text);
  return type === 'tag' ? signedTag(text) : undefined;
}

/** The header `gpgsig`, continued on lines that begin with a space; everything but such headers is signed. */
function signedCommit(text: string): SignedObject | undefined {
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const kept: string[] = [];
  const signatures: string[] = [];
  let isSignature = false;
  for (const line of text.slice(0, end).split('\n')) {
    const isContinued = line.startsWith(' ');
    if (!isContinued) {
      const [name = ''] = line.split(' ', 1);
      isSignature = SIGNATURE_HEADER.test(name);
      // The one of the hash this repository uses comes as `gpgsig`.
      if (name === 'gpgsig') signatures.push(line.slice('gpgsig '.length));
      else if (!isSignature) kept.push(line);
    } else if (!isSignature) kept.push(line);
    else signatures.push(line.slice(1));
  }
  const payload = `${kept.join('\n')}${text.slice(end)}`;
  return ofArmor(`${signatures.join('\n')}\n`, payload);
}

/** Everything before the last armor. */
function signedTag(text: string): SignedObject | undefined {
  const start = [...text.matchAll(BEGIN_LINE)].at(-1)?.index;
  return start === undefined ? undefined : ofArmor(text.slice(start), text.slice(0, start));
}

function ofArmor(signature: string, payload: string): SignedObject | undefined {
  const kind = BEGIN.exec(signature)?.[1];
  if (kind === undefined) return undefined;
  return {
    format: kind === 'SSH SIGNATURE' ? 'ssh' : 'pgp',
    signature,
    payload: Buffer.from(payload, 'latin1'),
  };
}
