// SPDX-License-Identifier: Apache-2.0

/** `helm values`, beyond Helm: the values that a chart's templates see, and where each came from. */

import { coalesceValues, processDependencies } from '@helm-operator/chart';
import { encodeJson, encodeYaml } from '@helm-operator/gocompat';
import { loadChartPath } from '@helm-operator/helm';
import { type Command, defineCommand } from '../command.ts';
import { CHART_SOURCE_FLAGS } from '../flags/chart-source.ts';
import { switchFlag } from '../flags/flag.ts';
import { SETTINGS_FLAGS } from '../flags/settings.ts';
import { composeLayers, readValueLayers, VALUE_FLAGS } from '../flags/values.ts';
import { locateChart } from '../locate-chart.ts';
import { explainedValue, explainPath, printExplained } from '../output/explained.ts';
import { outputFlag } from '../output/format.ts';

export const helmValues: Command = defineCommand({
  name: 'values',
  usage: '[CHART]',
  summary: "print the values that a chart's templates see",
  args: { min: 1, max: 1 },
  flags: {
    ...SETTINGS_FLAGS,
    ...VALUE_FLAGS,
    ...CHART_SOURCE_FLAGS,
    hasOrigins: switchFlag('origins', 'where each came from and what it overrode'),
    output: outputFlag(),
  },
  run: async ({ flags, args: [given = ''] }, context) => {
    const path = await locateChart(given, flags, context);
    const layers = await readValueLayers(flags, context);
    const values = composeLayers(layers);
    const { profile } = flags;
    const chart = await loadChartPath(path, profile);
    const { output } = flags;
    if (!flags.hasOrigins) {
      const seen = coalesceValues(processDependencies(chart, values, { profile }), values, {
        profile,
      });
      context.stdout(output === 'json' ? `${encodeJson(seen)}\n` : encodeYaml(seen));
      return 0;
    }
    const explained = explainPath('', { chart, values, layers, profile });
    if (output === 'json') context.stdout(`${encodeJson(explainedValue(explained))}\n`);
    else if (output === 'yaml') context.stdout(encodeYaml(explainedValue(explained)));
    else context.stdout(printExplained(explained));
    return 0;
  },
});
