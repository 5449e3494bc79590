/** Whatever else a request asks or brings, a number that is not called is refused alike: nobody learns why, nor who asked for peace. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProofCheck, Prover } from '../admission/proof.ts';
import { type Relay, relay } from '../relay.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { plainProvider } from '../simulators/plain-provider.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';

const SECRET = new Uint8Array(32).fill(9);
const FAR = 4_000_000_000_000;
const FREE = '0151 00000003';
/** Each with the reason for which it is not called. */
const UNCALLED = { blocked: '0151 00000001', 'opted out': '0151 00000002', own: '0151 00000004', premium: '0900 1 234567' };

let running: Relay;
/** What the store was asked, and what the prover, since the request came. */
let steps: string[];

beforeEach(async () => {
  const clock = fakeClock();
  const kept = sqliteStore({ path: ':memory:', clock });
  await kept.optOut(vault(SECRET).keysOf('number', '+4915100000002'), FAR);
  steps = [];
  const store = new Proxy(kept, {
    get: (target, verb, receiver) => {
      steps.push(String(verb));
      return Reflect.get(target, verb, receiver);
    },
  });
  const site = exampleSite({
    provider: 'pbx',
    blocked: ['+4915100000001'],
    ownNumbers: ['+4915100000004'],
    slots: { everyMinutes: 30, capacity: 1, daysAhead: 7 },
  });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    providers: new Map([['pbx', plainProvider(async () => ({ kind: 'placed', ref: 'call' }))]]),
    secret: SECRET,
    clock,
    log: () => {},
    proverOf: () => prover(),
    version: '0.0.0',
  });
});

afterEach(() => running.close());

function prover(): Prover {
  return {
    name: 'siteverify',
    goodForMs: 60_000,
    challenge: async () => ({ kind: 'pow', parameters: {}, signature: 'signed' }),
    async check(proof): Promise<ProofCheck> {
      steps.push('verifier');
      return proof === 'good' ? { kind: 'proved', nonce: proof, expiresAt: FAR, level: 3 } : { kind: 'failed' };
    },
  };
}

async function ask(phone: string, more: Record<string, unknown>) {
  steps = [];
  const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const body = JSON.stringify({ site: 'default', phone, ...more });
  const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body });
  const response = await running.fetch(request, { address: '203.0.113.7' });
  return { status: response.status, headers: [...response.headers], text: await response.text(), steps };
}

test.each([
  ['nothing more', {}, '"id"'],
  ['a wrong expectation', { expect: '+4915999999999' }, 'number_mismatch'],
  ['a wrong expectation, and a proof', { expect: '+4915999999999', proof: 'junk' }, 'number_mismatch'],
  ['a proof that is none', { proof: 'junk' }, 'proof_required'],
  ['a good proof', { proof: 'good' }, '"id"'],
  ['a time that nobody offers', { at: '2030-01-01T00:00:30Z' }, 'slot_unavailable'],
  ['both', { proof: 'junk', at: '2030-01-01T00:00:30Z' }, 'slot_unavailable'],
])('%s', async (_, more, answer) => {
  const { blocked, ...others } = await askEach(more);
  expect(blocked?.text).toContain('expect' in more ? 'number_mismatch' : 'number_refused');
  for (const other of Object.values(others)) expect(withoutSteps(other)).toEqual(withoutSteps(blocked));
  expect((await ask(FREE, more)).text).toContain(answer);
});

test('by the same steps, where something else would have been looked at before', async () => {
  for (const more of [{ proof: 'good' }, { at: '2030-01-01T00:00:30Z' }, { proof: 'junk' }]) {
    const { blocked, ...others } = await askEach(more);
    expect(blocked?.steps).toEqual(['findByKey', 'isOptedOut']);
    for (const other of Object.values(others)) expect(other.steps).toEqual(blocked?.steps);
  }
});

async function askEach(more: Record<string, unknown>): Promise<Record<string, Awaited<ReturnType<typeof ask>>>> {
  const answers: Record<string, Awaited<ReturnType<typeof ask>>> = {};
  for (const [why, phone] of Object.entries(UNCALLED)) answers[why] = await ask(phone, more);
  return answers;
}

function withoutSteps(answer: Awaited<ReturnType<typeof ask>> | undefined) {
  return { ...answer, steps: undefined };
}
