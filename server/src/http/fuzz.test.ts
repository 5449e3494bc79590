/** A hundred thousand requests as nobody should send them: whatever comes, the answer is one of the contract's, and soon. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { relay } from '../relay.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { findAnswerFault, hostileRequests } from '../simulators/hostile-requests.ts';
import type { Sent } from '../simulators/hostile-values.ts';
import { huntedSites, PLENTY, WIDE_LIMITS } from '../simulators/hunted-sites.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { issueFormToken } from './form-token.ts';

const REQUESTS = 100_000;
const AT_ONCE = 200;
/** Of all that come at once together; usual is a tenth of a second. What takes that long hangs. */
const BATCH_WITHIN_MS = 20_000;
const SEED = 20_261_120;
const SECRET = new Uint8Array(32).fill(3);

test('a hundred thousand hostile requests get only answers of the contract', { timeout: 300_000 }, async () => {
  const clock = fakeClock();
  const safe = vault(SECRET);
  const drawnAt = clock.now() - 60_000;
  const requests = hostileRequests({ now: clock.now(), formToken: () => issueFormToken('default', drawnAt, safe) });
  const seen: Record<string, number> = {};
  const codes = new Set<string>();
  const running = relay({
    config: {
      demo: false,
      ownPage: true,
      sites: huntedSites(),
      limits: WIDE_LIMITS,
      budget: { perDay: PLENTY, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    providers: new Map(),
    secret: SECRET,
    clock,
    // A hosted check that knows no token.
    fetch: async () => Response.json({ success: false, 'error-codes': ['invalid-input-response'] }),
    log({ event }) {
      seen[event] = (seen[event] ?? 0) + 1;
    },
    version: '0.0.0',
  });

  async function send(sent: Sent, at: number): Promise<void> {
    const { method, path, headers, body } = sent;
    const request = new Request(`https://relay.example${path}`, { method, headers, ...(body !== undefined && { body }) });
    // Half of them as from a server that has counted the body, as Node's does.
    const response = await running.fetch(request, { address: '203.0.113.7', enforcesLength: at % 2 === 0 });
    const text = await response.text();
    if (path.startsWith('/form/default') && text.includes('<form')) count('form drawn');
    if (response.status === 303) count('form called');
    const contentType = response.headers.get('content-type') ?? '';
    expect(findAnswerFault({ status: response.status, contentType, text }), `${method} ${path}`).toBeUndefined();
    if (contentType === 'application/problem+json' && text !== '') codes.add(JSON.parse(text).code);
  }

  function count(what: string): void {
    seen[what] = (seen[what] ?? 0) + 1;
  }

  for (let done = 0; done < REQUESTS; done += AT_ONCE) {
    // Each batch has a seed of its own: a failure names its request, and comes again.
    const batch = fc.sample(requests, { numRuns: AT_ONCE, seed: SEED + done });
    let alarm: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      alarm = setTimeout(() => reject(new Error(`Batch ${done} hangs.`)), BATCH_WITHIN_MS);
    });
    await Promise.race([Promise.all(batch.map(send)), late]);
    clearTimeout(alarm);
  }
  // Not all of them bounced off the first guard, and none of them broke anything.
  expect(seen['request.accepted']).toBeGreaterThan(1_000);
  expect(seen['request.refused']).toBeGreaterThan(30_000);
  expect(seen['request.failed'] ?? 0).toBe(0);
  expect([...codes]).toEqual(expect.arrayContaining(['proof_required', 'consent_required', 'slot_unavailable', 'body_too_large']));
  // The form's pages too: it drew itself again, and it led to calls.
  expect(seen['form drawn']).toBeGreaterThan(500);
  expect(seen['form called']).toBeGreaterThan(300);
  await running.close();
});
