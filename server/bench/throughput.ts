/** Requests a second, relay beside bare Hono, in turns, so that both meet the same machine. */
import { randomUUID } from 'node:crypto';
import { type Load, measure, startSubject } from './load.ts';
import type { Row } from './row.ts';

const ROUNDS = 5;
const SECONDS = 3;
const WARM_UP_SECONDS = 2;

let counter = 0;
const headers = (changes: Record<string, string> = {}) => ({
  'content-type': 'application/json',
  origin: 'https://shop.example',
  'idempotency-key': randomUUID(),
  ...changes,
});
/** A German mobile number that was not asked for before. */
// The digits that change stand in front: numbers that begin alike are made to prove an effort.
const phone = () => `017${[...String(counter++ % 100_000_000).padStart(8, '0')].reverse().join('')}`;
const body = () => JSON.stringify({ site: 'default', phone: phone(), locale: 'en' });

const ask = () => ({ headers: headers(), body: body() });
const BARE_ACCEPT: Load = { subject: 'bare-accept', status: 202, request: ask };
const BARE_JSON: Load = { subject: 'bare-json', status: 200, request: ask };

export async function throughputRows(): Promise<Row[]> {
  return [
    await compare(
      'accept, durable',
      { subject: 'relay-accept', status: 202, request: ask },
      'Hono + zod + libphonenumber, no store',
      BARE_ACCEPT,
      0.5,
    ),
    await compare(
      'refuse: foreign origin',
      { subject: 'relay-refused', status: 403, request: () => ({ headers: headers({ origin: 'https://evil.example' }), body: body() }) },
      'Hono JSON route',
      BARE_JSON,
      0.8,
    ),
    await compare(
      'refuse: unknown field',
      { subject: 'relay-refused', status: 400, request: () => ({ headers: headers(), body: '{"site":"default","phone":"1","x":1}' }) },
      'Hono JSON route',
      BARE_JSON,
      0.8,
    ),
    await compare('refuse: rate limited', { subject: 'relay-limited', status: 429, request: ask }, 'Hono JSON route', BARE_JSON, 0.8),
  ];
}

async function compare(name: string, ours: Load, besideName: string, beside: Load, goal: number): Promise<Row> {
  process.stderr.write(`  ${name} `);
  const [mine, theirs] = [await startSubject(ours.subject), await startSubject(beside.subject)];
  const pairs: { ours: number; beside: number }[] = [];
  try {
    await measure(ours, mine.url, WARM_UP_SECONDS);
    await measure(beside, theirs.url, WARM_UP_SECONDS);
    for (let round = 0; round < ROUNDS; round++) {
      pairs.push({ ours: await measure(ours, mine.url, SECONDS), beside: await measure(beside, theirs.url, SECONDS) });
      process.stderr.write('.');
    }
  } finally {
    // Left alone they would keep the terminal's pipe open, and a failed run would look like one that hangs.
    for (const { child } of [mine, theirs]) child.kill();
  }
  process.stderr.write('\n');
  const ratio = median(pairs.map((pair) => pair.ours / pair.beside));
  return {
    name,
    value: `${Math.round(median(pairs.map((pair) => pair.ours)))}/s`,
    beside: `${besideName}: ${Math.round(median(pairs.map((pair) => pair.beside)))}/s`,
    ratio,
    goal: `≥ ${goal}`,
    isReached: ratio >= goal,
  };
}

export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
