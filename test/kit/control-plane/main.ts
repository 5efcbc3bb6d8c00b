// SPDX-License-Identifier: Apache-2.0

/** `npm run cluster`: keeps a control plane up until Ctrl-C. */

import { startControlPlane } from './control-plane.ts';

const plane = await startControlPlane({ report: (line) => process.stderr.write(`${line}\n`) });
process.stdout.write(`export KUBECONFIG=${plane.kubeconfig}\n`);
process.stderr.write('the control plane is up; Ctrl-C ends it and removes its folder\n');
await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve));
await plane.stop();
