/**
 * The canary of the demo: nothing is set, and a marked number asks to be called. It may stand on the demo's own telephones and in the
 * answer that accepts it; not in the lines that the page shows of what happens, in what is printed, or on disk.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { builtRelays } from '../simulators/built-relay.ts';
import { findMarks, MARKED_NUMBERS, MARKS } from '../simulators/canary-marks.ts';
import type { Snapshot } from '../simulators/demo/demo-app.ts';
import { until } from './canary.suite.ts';

const [NUMBER = ''] = MARKED_NUMBERS;

test('the demo shows a number on its telephones alone', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-canary-'));
  const relays = builtRelays(folder);
  onTestFinished(async () => {
    await relays.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const relay = await relays.start({});
  const ask = (phone: string) =>
    fetch(`${relay.url}/v1/calls`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: relay.url, 'idempotency-key': crypto.randomUUID() },
      body: JSON.stringify({ site: 'default', phone, name: MARKS.name }),
    });
  const accepted = await ask(NUMBER);
  expect(accepted.status).toBe(202);
  const { number, ...rest } = (await accepted.json()) as Record<string, unknown>;
  expect(findMarks(String(number))).toEqual(['lastDigits']);
  const refused = await (await ask(`${NUMBER}000000`)).text();

  let seen: Snapshot | undefined;
  await until(
    async () => {
      seen = await readSnapshot(relay.url);
      return seen.stage.callId;
    },
    (callId) => expect(callId).toBeDefined(),
    30_000,
  );
  if (seen === undefined) throw new Error('The demo shows nothing.');
  const { visitor, ...stage } = seen.stage;
  expect(findMarks(visitor.title)).toEqual(['lastDigits']);
  expect(seen.happenings.length).toBeGreaterThan(1);
  const pages = await Promise.all(
    ['/', '/demo/shop', '/healthz', '/metrics', '/v1/sites/default'].map(async (path) => (await fetch(relay.url + path)).text()),
  );
  for (const text of [JSON.stringify([rest, stage, seen.happenings]), refused, relay.output(), ...pages])
    expect(findMarks(text)).toEqual([]);
  for (const { name, parentPath } of readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()))
    expect(findMarks(readFileSync(join(parentPath, name), 'latin1')), name).toEqual([]);
});

/** What a page that is opened now is told first. */
async function readSnapshot(url: string): Promise<Snapshot> {
  const { body } = await fetch(`${url}/demo/events`);
  let text = '';
  for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const data = /event: ?snapshot\ndata: ?(.*)\n/.exec(text)?.[1];
    if (data !== undefined) return JSON.parse(data) as Snapshot;
  }
  throw new Error(text);
}
