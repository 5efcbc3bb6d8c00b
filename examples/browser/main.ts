// SPDX-License-Identifier: Apache-2.0

/** Renders a chart as one types: template and values on the left, the manifest on the right. */

import { loadChart, renderRelease, yamlLayer } from '@helm-operator/chart';
import { webPorts } from '@helm-operator/chart/web';

interface Field {
  value: string;
  addEventListener(event: 'input', listener: () => void): void;
}
declare const document: {
  readonly body: { readonly dataset: Record<string, string> };
  getElementById(id: string): (Field & { textContent: string }) | null;
};

function field(id: string): Field & { textContent: string } {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

const [template, values, manifest] = [field('template'), field('values'), field('manifest')];
/** A year that does not end, so that the page shows the same today and tomorrow. */
const ports = webPorts({ nowMs: () => Date.UTC(2026, 0, 1) });
let turns = 0;

async function render(): Promise<string> {
  const chart = await loadChart([
    ['Chart.yaml', 'apiVersion: v2\nname: page\nversion: 1.0.0\n'],
    ['templates/a.yaml', template.value],
  ]);
  return renderRelease(chart, { ports, name: 'demo', layers: [yamlLayer(values.value)] }).manifest;
}

async function show(): Promise<void> {
  const turn = ++turns;
  const text = await render().catch((error: unknown) => String(error));
  if (turn !== turns) return;
  manifest.textContent = text;
  document.body.dataset['shown'] = String(turn);
}

for (const input of [template, values]) input.addEventListener('input', () => void show());
void show();
