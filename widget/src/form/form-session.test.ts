import { afterEach, expect, test, vi } from 'vitest';
import { powProver } from '../../../server/src/admission/proof-pow.ts';
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import type { Challenge } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import type { Answer, Relay } from '../relay/relay-client.ts';
import { type FormSession, formSession } from './form-session.ts';
import type { Scene } from './form-state.ts';

const VIEW: SiteView = { site: 'shop', open: true, country: 'DE', countries: ['DE'], departments: [], slots: [], proof: false };
const UNREACHABLE = { kind: 'unreachable' } as const;

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('before intent nothing is asked; after it the site view, once a minute at most', async () => {
  const { clock, requests, session } = start();
  await clock.pass(60_000);
  expect(requests).toEqual([]);
  session.prepare();
  session.prepare();
  await clock.pass(59_999);
  session.prepare();
  expect(requests).toEqual(['site']);
  await clock.pass(1);
  session.prepare();
  expect(requests).toEqual(['site', 'site']);
});

test('a site view that could not be had is asked for again at the next intent', async () => {
  const { clock, requests, session } = start({ site: [UNREACHABLE] });
  session.prepare();
  await clock.pass(0);
  session.prepare();
  await clock.pass(0);
  expect(requests).toEqual(['site', 'site']);
  expect(session.state().view).toEqual(VIEW);
});

test('a double click is one request', async () => {
  const { clock, requests, session } = start();
  await fill(session, clock);
  session.send(submit('k2'));
  await clock.pass(100);
  expect(requests.filter((request) => request.startsWith('post'))).toEqual(['post k1']);
});

test('network failures are repeated under one key until the visitor is asked, then once more by hand', async () => {
  const { clock, requests, bodies, session } = start({ post: [UNREACHABLE, UNREACHABLE, UNREACHABLE] });
  await fill(session, clock);
  await clock.pass(699);
  expect(requests).toEqual(['site', 'post k1']);
  await clock.pass(1);
  await clock.pass(2500);
  expect(requests).toEqual(['site', 'post k1', 'post k1', 'post k1']);
  expect(session.state().scene).toBe('unreachable');
  session.send({ kind: 'again' });
  await clock.pass(0);
  expect(requests.at(-1)).toBe('post k1');
  expect(session.state().scene).toBe('waiting');
  expect(new Set(bodies).size).toBe(1);
});

test('a proof is solved while the form is sending, and goes out with the same request under the same key', async () => {
  const { clock, requests, bodies, scenes, session } = start({ post: [await proofRequired()] });
  await fill(session, clock);
  expect(scenes.at(-1)).toBe('sending');
  await vi.waitUntil(() => session.state().scene !== 'sending');
  expect(requests).toEqual(['site', 'post k1', 'post k1']);
  expect(scenes).toEqual(['editing', 'sending', 'waiting']);
  const { proof, ...asked } = JSON.parse(bodies[1] ?? '') as { proof: string };
  expect(JSON.stringify(asked)).toBe(bodies[0]);
  expect(await prover.check(proof, PROOF_REQUEST)).toMatchObject({ kind: 'proved', level: 1 });
});

test('network failures after a proof repeat it byte for byte', async () => {
  const { clock, bodies, session } = start({ post: [await proofRequired(), UNREACHABLE, UNREACHABLE] });
  await fill(session, clock);
  for (const sent of [2, 3, 4]) {
    await vi.waitUntil(() => bodies.length === sent);
    await clock.pass(2500);
  }
  expect(session.state().scene).toBe('waiting');
  expect(bodies).toHaveLength(4);
  expect(new Set(bodies.slice(1)).size).toBe(1);
  expect(bodies[1]).not.toBe(bodies[0]);
});

test('each refused proof is followed by a fresh one, three times at most, failures of the network in between included', async () => {
  const wanted = await Promise.all(Array.from({ length: 5 }, proofRequired));
  const { clock, requests, bodies, session } = start({ post: [...wanted.slice(0, 3), UNREACHABLE, ...wanted.slice(3)] });
  await fill(session, clock);
  await vi.waitUntil(async () => {
    await clock.pass(700);
    return session.state().scene !== 'sending';
  });
  expect(session.state().scene).toBe('unavailable');
  // Three proofs, the third sent twice; then the relay's fourth wish is its last.
  expect(new Set(bodies).size).toBe(4);
  expect(bodies[4]).toBe(bodies[3]);
  expect(requests.slice(1)).toEqual(Array(5).fill('post k1'));
  // By hand the same request may try anew.
  session.send({ kind: 'again' });
  await clock.pass(0);
  await vi.waitUntil(() => session.state().scene === 'waiting');
  expect(requests.slice(6)).toEqual(['post k1', 'post k1']);
});

test.each([
  ['a hosted check', { kind: 'siteverify', vendor: 'v', siteKey: 'k' } as const],
  ['a challenge that is none', {} as Challenge],
  ['no challenge', undefined],
])('%s cannot be answered, and calls are unavailable', async (_name, challenge) => {
  const { clock, requests, session } = start({ post: [{ kind: 'problem', code: 'proof_required', retryAfterMs: 0, challenge }] });
  await fill(session, clock);
  expect(session.state().scene).toBe('unavailable');
  expect(requests).toEqual(['site', 'post k1']);
});

test('on a page without crypto.subtle calls are unavailable', async () => {
  const { clock, requests, session } = start({ post: [await proofRequired()] });
  vi.stubGlobal('crypto', {});
  await fill(session, clock);
  expect(session.state().scene).toBe('unavailable');
  expect(requests).toEqual(['site', 'post k1']);
});

test('the end of a session ends the solving too, and nothing is sent', async () => {
  const wanted = await proofRequired();
  const { clock, requests, scenes, session } = start({ post: [wanted] });
  await fill(session, clock);
  const derive = vi.spyOn(crypto.subtle, 'deriveBits');
  session.end();
  await new Promise((resolve) => setTimeout(resolve, 100));
  // Whatever had got its key material may still derive from it.
  expect(derive.mock.calls.length).toBeLessThanOrEqual(8);
  expect(requests).toEqual(['site', 'post k1']);
  expect(scenes).toEqual(['editing', 'sending']);
});

test('the call is followed to its end, no question sooner than asked, none after it', async () => {
  const { clock, requests, scenes, session } = start({
    poll: [view('waiting', 2000), view('calling', 500), view('talking', 500), view('done', 0)],
  });
  await fill(session, clock);
  await clock.pass(999);
  expect(requests).toEqual(['site', 'post k1']);
  await clock.pass(1);
  await clock.pass(1999);
  expect(requests.slice(2)).toEqual(['read call-1 token-1']);
  await clock.pass(60_000);
  expect(requests.slice(2)).toHaveLength(4);
  expect(scenes).toEqual(['editing', 'sending', 'waiting', 'calling', 'talking', 'done']);
});

test('a hidden page asks nothing, and at once when it is seen again', async () => {
  const page = { isSeen: true };
  const { clock, requests, session } = start({ poll: [view('calling', 500), view('done', 0)] }, page);
  await fill(session, clock);
  page.isSeen = false;
  await clock.pass(60_000);
  expect(requests.slice(2)).toEqual([]);
  page.isSeen = true;
  session.wake();
  await clock.pass(0);
  expect(session.state().scene).toBe('calling');
  session.wake();
  session.wake();
  await clock.pass(0);
  expect(requests.slice(2)).toHaveLength(2);
  expect(session.state().scene).toBe('done');
});

test('cancelling is one request, whose answer ends the call', async () => {
  const { clock, requests, session } = start();
  await fill(session, clock);
  session.send({ kind: 'cancel' });
  session.send({ kind: 'cancel' });
  await clock.pass(0);
  expect(requests.slice(2)).toEqual(['cancel call-1 token-1']);
  expect(session.state().scene).toBe('cancelled');
});

test('after its end a session asks, sends and draws nothing', async () => {
  const { clock, requests, scenes, session } = start({ post: [UNREACHABLE] });
  await fill(session, clock);
  session.end();
  const before = [requests.length, scenes.length];
  await clock.pass(60_000);
  session.wake();
  session.send({ kind: 'edit', change: { typed: '1' } });
  expect([requests.length, scenes.length]).toEqual(before);
});

const PROOF_REQUEST = { site: 'shop', address: undefined };
const prover = powProver({ secret: new Uint8Array(32).fill(7), clock: { now: () => 1_000_000, after: () => () => {} }, cost: 50 });

async function proofRequired(): Promise<Answer<CallAccepted>> {
  const challenge = await prover.challenge(PROOF_REQUEST, 1);
  // As it comes over the wire.
  return { kind: 'problem', code: 'proof_required', retryAfterMs: 0, challenge: JSON.parse(JSON.stringify(challenge)) as Challenge };
}

interface Script {
  site?: Answer<SiteView>[];
  post?: Answer<CallAccepted>[];
  poll?: CallView[];
}

/** A relay that answers from a script, and as a healthy one when that is through. */
function start({ site = [], post = [], poll = [] }: Script = {}, page = { isSeen: true }) {
  const clock = handClock();
  const requests: string[] = [];
  const bodies: string[] = [];
  const scenes: Scene[] = ['editing'];
  const accepted = (): CallAccepted => ({
    id: 'call-1',
    statusToken: 'token-1',
    state: 'waiting',
    number: '+49 1512 3456789',
    dialBefore: new Date(clock.now() + 120_000).toISOString(),
    pollAfterMs: 1000,
  });
  const relay: Relay = {
    async readSite() {
      requests.push('site');
      return site.shift() ?? { kind: 'ok', value: VIEW };
    },
    async readTexts() {
      return UNREACHABLE;
    },
    async postCall(key, body) {
      requests.push(`post ${key}`);
      bodies.push(body);
      return post.shift() ?? { kind: 'ok', value: accepted() };
    },
    async readCall(id, token) {
      requests.push(`read ${id} ${token}`);
      return { kind: 'ok', value: poll.shift() ?? view('waiting', 1000) };
    },
    async cancelCall(id, token) {
      requests.push(`cancel ${id} ${token}`);
      return { kind: 'ok', value: view('cancelled', 0) };
    },
  };
  const session = formSession({
    relay,
    clock,
    country: '',
    isSeen: () => page.isSeen,
    isOnline: () => true,
    onChange: ({ scene }) => scene !== scenes.at(-1) && scenes.push(scene),
  });
  return { clock, requests, bodies, scenes, session };
}

async function fill(session: FormSession, clock: HandClock): Promise<void> {
  session.prepare();
  await clock.pass(0);
  session.send({ kind: 'edit', change: { typed: '0151 23456789' } });
  session.send(submit('k1'));
  await clock.pass(0);
}

function submit(key: string) {
  return { kind: 'submit', key, rest: { site: 'shop', locale: 'en' } } as const;
}

function view(state: CallView['state'], pollAfterMs: number): CallView {
  return { id: 'call-1', state, pollAfterMs, final: pollAfterMs === 0 };
}
