// SPDX-License-Identifier: Apache-2.0

/** What git and ssh print when they fail, as errors with a reason a person can act on. */

import { codeOfStatus, FetchError, type FetchErrorCode } from '../errors.ts';
import { maskText } from '../mask.ts';

interface Rule {
  readonly fits: RegExp;
  readonly code: FetchErrorCode;
  readonly mend?: string;
}

const SSH_MEND = 'give a private key that the repository knows';

/** The first that fits tells; before the general ones stand the special ones. */
const RULES: readonly Rule[] = [
  { fits: /incorrect passphrase|bad passphrase/i, code: 'fetch/bad-credentials' },
  {
    fits: /Load key .*(?:invalid format|error in libcrypto|unsupported|bad permissions)/i,
    code: 'fetch/bad-credentials',
  },
  {
    fits: /Host key verification failed|No \S+ host key is known|HOST IDENTIFICATION HAS CHANGED/i,
    code: 'fetch/refused-host-key',
  },
  {
    fits: /Permission denied \(|Too many authentication failures/i,
    code: 'fetch/unauthorized',
    mend: SSH_MEND,
  },
  { fits: /Could not resolve host|Name or service not known/i, code: 'fetch/dns' },
  { fits: /certificate has expired/i, code: 'fetch/certificate-expired' },
  { fits: /SSL certificate problem|certificate verif/i, code: 'fetch/certificate' },
  { fits: /\bSSL\b|\bTLS\b|gnutls/i, code: 'fetch/tls' },
  {
    fits: /Authentication failed|could not read (?:Username|Password)/i,
    code: 'fetch/unauthorized',
  },
  {
    fits: /\bDENIED\b|access denied|\bforbidden\b|not allowed to|n['o]t have (?:the )?(?:permission|access|rights)|not authori[sz]ed/i,
    code: 'fetch/forbidden',
    mend: 'check the URL, and that these credentials may read it',
  },
  {
    fits: /not our ref|unadvertised object|couldn't find remote ref|no such remote ref/i,
    code: 'fetch/not-found',
    mend: 'check branch, tag or commit',
  },
  {
    fits: /repository .*not found|does not appear to be a git repo|does not exist|not found/i,
    code: 'fetch/not-found',
    mend: 'check the URL, and that the credentials may read it',
  },
  { fits: /timed out|Operation too slow|Timeout, server/i, code: 'fetch/timeout' },
  {
    fits: /early EOF|hung up|unexpected disconnect|RPC failed|index-pack failed|bad pack|transfer closed/i,
    code: 'fetch/truncated',
  },
  {
    fits: /Connection refused|Failed to connect|No route to host|Network is unreachable|Connection reset|Connection closed/i,
    code: 'fetch/unreachable',
  },
  { fits: /unable to access/i, code: 'fetch/unreachable' },
];

const STATUS = /The requested URL returned error: ([0-9]{3})/;

/** The host shows another key than before: ssh tells it in a dozen lines, here it is one. */
const CHANGED_KEY =
  /HOST IDENTIFICATION HAS CHANGED[\s\S]*?fingerprint for the (\S+) key sent by the remote host is\s+(SHA256:[^\s.]+)/;
const CHANGED_KEY_MEND =
  "compare that fingerprint with what the host's owner says, then replace the host's key in known_hosts";

/** @param secrets what must not be told */
export function gitFailure(url: string, stderr: string, secrets: readonly string[]): FetchError {
  const [, kind, fingerprint] = CHANGED_KEY.exec(stderr) ?? [];
  if (fingerprint !== undefined) {
    const changed = `the host shows another key than the one that is known: ${kind} ${fingerprint}`;
    return new FetchError('fetch/refused-host-key', url, changed, { mend: CHANGED_KEY_MEND });
  }
  const reason = reasonOf(maskText(stderr, secrets));
  const status = STATUS.exec(stderr)?.[1];
  if (status !== undefined) {
    return new FetchError(codeOfStatus(Number(status)), url, reason, { status: Number(status) });
  }
  const rule = RULES.find(({ fits }) => fits.test(stderr));
  return new FetchError(rule?.code ?? 'fetch/bad-answer', url, reason, { mend: rule?.mend });
}

const MAX_REASON_LENGTH = 500;
/** Of the folder that is made for each run of ssh: another one each time, and nobody else's business. */
const SESSION_FOLDER = /[^\s"']*\/session-\w+\/(?=\w)/g;

/** The lines that say something, in one. */
function reasonOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim().replace(/^(?:fatal|error|remote|warning): /, ''))
    .map((line) => line.replace(SESSION_FOLDER, ''))
    .filter((line) => line !== '' && !/^[@\s]*$/.test(line))
    .filter(
      (line) =>
        !/^(?:Please make sure|and the repository exists|Could not read from remote)/.test(line),
    );
  const text = [...new Set(lines)].join('; ');
  return text === '' ? 'git failed and does not say why' : text.slice(0, MAX_REASON_LENGTH);
}

/** Whether what is on disk is the trouble, not the source: the mirror is to be made anew. */
export function isDamaged(stderr: string): boolean {
  return /\.lock'?: File exists|bad object|object file .* is empty|is corrupt|packfile .* (?:cannot|is too)|not a git repository|unable to read tree|shallow file has changed|bad signature|did not send all necessary objects|garbage at end/i.test(
    stderr,
  );
}

/** Whether a server refuses to be asked for objects it does not list. */
export function isUnlistedRefused(stderr: string): boolean {
  return /not our ref|unadvertised object/i.test(stderr);
}
