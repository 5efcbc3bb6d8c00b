// SPDX-License-Identifier: Apache-2.0

/**
 * `npm run bench -- operator [COUNT...]`: the shipped operator makes 100, then (beside a control plane of its own again) 500 releases of
 * podinfo, then looks at all of them for an hour's worth: 20 looks (one each three minutes by default), here 10 s apart. Prints every
 * figure beside its target and what Helm Operator 1.4.4 needed; they go to `test/results/operator-DATE.json` too. `RESYNCS`: other looks.
 */

import { record, writeFigures } from './figures.ts';
import { type MakingFigures, OperatorFleet, type ResyncFigures } from './operator-fleet.ts';

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [100, 500];
const RESYNC_INTERVAL_MS = 10_000;
const RESYNCS = Number(process.env['RESYNCS'] ?? 20);

/** Targets at 100 releases; the others hold at every size. */
const SECONDS_OF_100 = 10;
const REQUESTS_PER_RELEASE = 20;
const CPU_MS_PER_RELEASE = 100;
const PEAK_MB = 180;
/** time(500) / time(100). */
const SCALING = 5.3;
/** What counts as flat: growth from the first to the last look, as the fitted line has it. */
const FLAT_MB = 5;
const FLAT_CPU_SHARE = 0.1;
const P99_DELAY_MS = 50;

/** Helm Operator 1.4.4, 100 releases, 2 cores, the same control plane. */
const ORIGINAL = { seconds: 282, requestsPerRelease: 59, cpuMsPerRelease: 240, peakMB: 3040 };

let missed = 0;

function tell(name: string, value: number, unit: string, target?: number, original?: number): void {
  const isReached = target === undefined || value <= target;
  if (!isReached) missed += 1;
  const parts = [
    name.padEnd(42),
    `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`.padStart(12),
    target === undefined
      ? ''
      : `  target ${target} ${unit}: ${isReached ? 'reached' : 'NOT REACHED'}`,
    original === undefined ? '' : `  (original: ${original} ${unit})`,
  ];
  process.stdout.write(`${parts.join('').trimEnd()}\n`);
}

function tellMaking(figures: MakingFigures): void {
  const is100 = figures.releases === 100;
  const beside = is100 ? ORIGINAL : undefined;
  process.stdout.write(`\n${figures.releases} releases of podinfo\n`);
  tell(
    'until all are released',
    figures.seconds,
    's',
    is100 ? SECONDS_OF_100 : undefined,
    beside?.seconds,
  );
  tell(
    'requests per release',
    figures.requestsPerRelease,
    '',
    REQUESTS_PER_RELEASE,
    beside?.requestsPerRelease,
  );
  tell(
    'CPU per release, operator + render host',
    figures.cpuMsPerRelease,
    'ms',
    CPU_MS_PER_RELEASE,
    beside?.cpuMsPerRelease,
  );
  tell('peak RSS, operator + render host', figures.peakMB, 'MB', PEAK_MB, beside?.peakMB);
  const each = figures.eachMB.map((size) => size.toFixed(0)).join(' + ');
  process.stdout.write(
    `  at the peak ${each} MB; before the first release ${figures.emptyMB.toFixed(0)} MB\n`,
  );
  tell('p99 delay of the event loop', figures.p99DelayMs, 'ms', P99_DELAY_MS);
  process.stdout.write(`  ${JSON.stringify(figures.requests)}\n`);
}

function tellResync(releases: number, { looks, writes, requests }: ResyncFigures): void {
  process.stdout.write(`\n${looks.length} looks at ${releases} releases\n`);
  const cpu = looks.map(({ cpuMs }) => cpuMs);
  const mean = cpu.reduce((sum, ms) => sum + ms, 0) / cpu.length;
  tell('writes', writes, '', 0);
  tell(
    'other requests',
    Object.values(requests).reduce((sum, count) => sum + count, 0),
    '',
  );
  tell('CPU per look', mean, 'ms');
  tell('CPU per look, growth', growth(cpu), 'ms', Math.max(FLAT_CPU_SHARE * mean, 10));
  const resident = looks.map(({ residentMB }) => residentMB);
  tell('RSS after the last look', resident.at(-1) ?? 0, 'MB', PEAK_MB);
  tell('RSS, growth', growth(resident), 'MB', FLAT_MB);
  if (Object.keys(requests).length > 0) process.stdout.write(`  ${JSON.stringify(requests)}\n`);
}

/** How much the line that fits best rises from the first value to the last. */
function growth(values: readonly number[]): number {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let rise = 0;
  let run = 0;
  for (const [at, value] of values.entries()) {
    rise += (at - middle) * (value - mean);
    run += (at - middle) ** 2;
  }
  return run === 0 ? 0 : (rise / run) * (values.length - 1);
}

const seconds = new Map<number, number>();
for (const count of SIZES) {
  const fleet = await OperatorFleet.open(RESYNC_INTERVAL_MS);
  try {
    const making = await fleet.make(count);
    tellMaking(making);
    seconds.set(count, making.seconds);
    const isLast = count === SIZES.at(-1);
    const resync = isLast && RESYNCS > 0 ? await fleet.resync(RESYNCS) : undefined;
    if (resync !== undefined) tellResync(count, resync);
    record(`releases-${count}`, { making, resync });
  } finally {
    await fleet.close();
  }
}
const [of100, of500] = [seconds.get(100), seconds.get(500)];
if (of100 !== undefined && of500 !== undefined) {
  process.stdout.write('\n');
  tell('time(500) / time(100)', of500 / of100, 'times', SCALING);
}
writeFigures('operator');
process.stdout.write(
  `\n${missed === 0 ? 'all targets are reached' : `${missed} targets are NOT reached`}\n`,
);
process.exitCode = missed === 0 ? 0 : 1;
