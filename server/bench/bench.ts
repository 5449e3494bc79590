/** Measures what docs/benchmarks.md reports. Ratios are within this run; absolute numbers are this machine's. */
import { cpus } from 'node:os';
import { dialLatencyRows } from './dial-latency.ts';
import type { Row } from './row.ts';
import { throughputRows } from './throughput.ts';
import { widgetSizeRows } from './widget-size.ts';

process.stdout.write(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}\n\n`);
const rows = [...(await widgetSizeRows()), ...(await throughputRows()), ...(await dialLatencyRows())];
for (const row of rows) process.stdout.write(`${render(row)}\n`);
process.exit(0);

function render({ name, value, beside, ratio, goal, isReached }: Row): string {
  const verdict = isReached === undefined ? ' ' : isReached ? '✓' : '✗';
  const parts = [value, ratio === undefined ? '' : `ratio ${ratio.toFixed(2)}`, goal === undefined ? '' : `goal ${goal}`, beside ?? ''];
  return `${verdict} ${name.padEnd(34)} ${parts.filter((part) => part !== '').join('   ')}`;
}
