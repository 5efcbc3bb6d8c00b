// SPDX-License-Identifier: Apache-2.0

/** `helm verify`. Source: helm v3.22.0 cmd/helm/verify.go, pkg/action/verify.go. */

import { printVerdict, verifyChartFile } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { textFlag } from '../flags/flag.ts';
import { keyringPath } from '../flags/keyring.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';

export const helmVerify: Command = defineCommand({
  name: 'verify',
  usage: 'PATH',
  summary: 'check the provenance file of a chart archive',
  details: 'PATH.prov must lie beside the archive.',
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    keyring: textFlag('keyring', 'file with the public keys; absent: that of GnuPG'),
  },
  run: async ({ flags, args }, context) => {
    const [path = ''] = args;
    const ring = keyringPath(flags.keyring, context);
    const verdict = await verifyChartFile(path, ring, Date.now(), context.folder);
    context.stdout(printVerdict(verdict));
    return 0;
  },
});
