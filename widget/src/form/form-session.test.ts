import { afterEach, describe, expect, test, vi } from 'vitest';
import { powProver } from '../../../server/src/admission/proof-pow.ts';
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import type { Challenge, EarlyChallenge } from '../../../server/src/contract/challenge.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import { type HandClock, handClock } from '../hand-clock.ts';
import type { Answer, Relay } from '../relay/relay-client.ts';
import { type FormSession, formSession } from './form-session.ts';
import type { Scene } from './form-state.ts';

const VIEW: SiteView = { site: 'shop', open: true, country: 'DE', countries: ['DE'], departments: [], slots: [], proof: false };
const ASKING: SiteView = { ...VIEW, proof: true };
const HOSTED: Challenge = { kind: 'siteverify', vendor: 'v', siteKey: 'k' };
const UNREACHABLE = { kind: 'unreachable' } as const;
const GOOD_FOR_MS = 100_000;

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

test('a number sent before the site view is there waits for it, so that it is read as one of the site’s own country', async () => {
  const { clock, requests, bodies, session } = start();
  session.prepare();
  session.send({ kind: 'edit', change: { typed: '0151 23456789' } });
  session.send(submit('k1'));
  expect(session.state().scene).toBe('sending');
  session.send(submit('k2'));
  expect(requests).toEqual(['site']);
  await clock.pass(100);
  expect(requests.slice(0, 2)).toEqual(['site', 'post k1']);
  expect(requests.filter((request) => request.startsWith('post'))).toHaveLength(1);
  expect(JSON.parse(bodies[0] ?? '')).toMatchObject({ country: 'DE', expect: '+4915123456789' });
});

test('a number typed before the site view is there is one of the site’s own country, even where those of all countries are called', async () => {
  const everywhere: SiteView = { ...VIEW, countries: ['DE', 'FR', 'US'] };
  const typedEarly = async (...changes: Partial<{ typed: string; country: string }>[]) => {
    const { clock, bodies, session } = start({ site: [{ kind: 'ok', value: everywhere }] });
    session.prepare();
    for (const change of changes) session.send({ kind: 'edit', change });
    session.send(submit('k1'));
    await clock.pass(100);
    return bodies.map((body) => JSON.parse(body).expect);
  };
  expect(await typedEarly({ typed: '0151 23456789' })).toEqual(['+4915123456789']);
  expect(await typedEarly({ country: 'FR' }, { typed: '06 12 34 56 78' })).toEqual(['+33612345678']);
  expect(await typedEarly({ typed: '+1 212 555 2368' })).toEqual(['+12125552368']);
});

test('a site view that cannot be had holds nobody up', async () => {
  const { clock, requests, session } = start({ site: [UNREACHABLE] });
  session.prepare();
  session.send({ kind: 'edit', change: { typed: '+49 151 23456789' } });
  session.send(submit('k1'));
  await clock.pass(100);
  expect(requests).toContain('post k1');
});

test('a number sent before it is known that the site is closed is not sent', async () => {
  const { clock, requests, scenes, session } = start({ site: [{ kind: 'ok', value: { ...VIEW, open: false } }] });
  session.prepare();
  session.send({ kind: 'edit', change: { typed: '0151 23456789' } });
  session.send(submit('k1'));
  await clock.pass(100);
  expect(requests).toEqual(['site']);
  expect(scenes).toEqual(['editing', 'sending', 'closed']);
});

test('a number sent before the view is there, and which cannot be read by it, comes back with its fault', async () => {
  const { clock, requests, scenes, session } = start();
  session.prepare();
  session.send({ kind: 'edit', change: { typed: '0151' } });
  session.send(submit('k1'));
  await clock.pass(100);
  expect(requests).toEqual(['site']);
  expect(session.state().fault).toMatchObject({ field: 'phone' });
  expect(scenes).toEqual(['editing', 'sending', 'editing']);
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
  ['a hosted check that fails', HOSTED],
  ['a challenge that is none', {} as Challenge],
  ['no challenge', undefined],
])('%s cannot be answered, and calls are unavailable', async (_name, challenge) => {
  const { clock, requests, session } = start({ post: [{ kind: 'problem', code: 'proof_required', retryAfterMs: 0, challenge }] });
  await fill(session, clock);
  expect(session.state().scene).toBe('unavailable');
  expect(requests.filter((request) => request !== 'check')).toEqual(['site', 'post k1']);
});

test('on a page without crypto.subtle calls are unavailable', async () => {
  const { clock, requests, session } = start({ post: [await proofRequired()] });
  vi.stubGlobal('crypto', {});
  await fill(session, clock);
  expect(session.state().scene).toBe('unavailable');
  expect(requests).toEqual(['site', 'post k1']);
});

test('a hosted check is run once for each time that the relay asks, and its token goes out as the proof', async () => {
  const wanted: Answer<CallAccepted> = { kind: 'problem', code: 'proof_required', retryAfterMs: 0, challenge: HOSTED };
  const { clock, requests, bodies, session } = start({ post: [wanted, wanted], check: ['token-1', 'token-2'] });
  await fill(session, clock);
  expect(session.state().scene).toBe('waiting');
  expect(requests).toEqual(['site', 'post k1', 'check', 'post k1', 'check', 'post k1']);
  expect(bodies.map(proofIn)).toEqual([undefined, 'token-1', 'token-2']);
});

describe('where every request needs a proof', () => {
  const asking = (script: Script = {}) => start({ site: Array.from({ length: 9 }, () => ({ kind: 'ok', value: ASKING })), ...script });
  const hosted = (): Answer<EarlyChallenge> => ({ kind: 'ok', value: { challenge: HOSTED, goodForMs: GOOD_FOR_MS } });

  test('it is solved while the visitor types, and the first request brings it', async () => {
    const early = await earlyWork();
    const { clock, requests, bodies, session } = asking({ challenge: [early] });
    session.prepare();
    await clock.pass(0);
    expect(requests).toEqual(['site', 'challenge']);
    for (const typed of ['0', '01', '015', '0151 23456789']) session.send({ kind: 'edit', change: { typed } });
    session.send(submit('k1'));
    expect(session.state().scene).toBe('sending');
    await clock.pass(0);
    await vi.waitUntil(() => session.state().scene === 'waiting');
    expect(requests).toEqual(['site', 'challenge', 'post k1']);
    const proof = proofIn(bodies[0]);
    expect(await prover.check(String(proof), PROOF_REQUEST)).toMatchObject({ kind: 'proved', level: 1 });
  });

  test('a request waits for what is under way, and for nothing else', async () => {
    let found = (_proof: string) => {};
    const { clock, requests, bodies, session } = asking({
      challenge: [hosted()],
      check: [new Promise<string>((resolve) => (found = resolve))],
    });
    await fill(session, clock);
    expect(requests).toEqual(['site', 'challenge', 'check']);
    expect(session.state().scene).toBe('sending');
    found('token-1');
    await clock.pass(0);
    expect(requests).toEqual(['site', 'challenge', 'check', 'post k1']);
    expect(bodies.map(proofIn)).toEqual(['token-1']);
  });

  test.each<[string, Script]>([
    ['no challenge could be had', { challenge: [{ kind: 'problem', code: 'rate_limited', retryAfterMs: 60_000 }] }],
    ['the relay was out of reach', { challenge: [UNREACHABLE] }],
    [
      'the challenge was none',
      { challenge: [{ kind: 'ok', value: { challenge: {} as Challenge, goodForMs: GOOD_FOR_MS } }], check: [undefined] },
    ],
    ['the check failed', { challenge: [hosted()], check: [undefined] }],
  ])('%s: the request asks for it, as elsewhere', async (_name, script) => {
    const { clock, bodies, session } = asking({ ...script, post: [await proofRequired()] });
    await fill(session, clock);
    await vi.waitUntil(() => session.state().scene === 'waiting');
    expect(bodies).toHaveLength(2);
    expect(bodies.map((body) => typeof proofIn(body))).toEqual(['undefined', 'string']);
  });

  test('whoever types slowly gets another in time, at the next key and not by the clock', async () => {
    const { clock, requests, bodies, session } = asking({ challenge: [hosted(), hosted()], check: ['token-1', 'token-2'] });
    session.prepare();
    await clock.pass(GOOD_FOR_MS - 1);
    session.send({ kind: 'edit', change: { typed: '0151' } });
    await clock.pass(GOOD_FOR_MS);
    expect(requests).toEqual(['site', 'challenge', 'check']);
    session.send({ kind: 'edit', change: { typed: '0151 23456789' } });
    await clock.pass(0);
    session.send(submit('k1'));
    await clock.pass(0);
    expect(requests.slice(3)).toEqual(['challenge', 'check', 'post k1']);
    expect(bodies.map(proofIn)).toEqual(['token-2']);
  });

  test('what is too old when it is to be sent stays behind', async () => {
    const { clock, requests, bodies, session } = asking({ challenge: [hosted()], check: ['token-1'] });
    session.prepare();
    session.send({ kind: 'edit', change: { typed: '0151 23456789' } });
    await clock.pass(GOOD_FOR_MS);
    session.send(submit('k1'));
    await clock.pass(0);
    expect(requests).toEqual(['site', 'challenge', 'check', 'post k1']);
    expect(bodies.map(proofIn)).toEqual([undefined]);
  });

  test('a second request brings a proof of its own', async () => {
    const { clock, requests, bodies, session } = asking({
      challenge: [hosted(), hosted()],
      check: ['token-1', 'token-2'],
      post: [{ kind: 'problem', code: 'number_invalid', retryAfterMs: 0 }],
    });
    await fill(session, clock);
    expect(session.state().fault).toBeDefined();
    session.send({ kind: 'edit', change: { typed: '0151 23456780' } });
    session.send(submit('k2'));
    await clock.pass(0);
    expect(requests.slice(3)).toEqual(['post k1', 'challenge', 'check', 'post k2']);
    expect(bodies.map(proofIn)).toEqual(['token-1', 'token-2']);
  });

  test('repeats send the same bytes, by themselves and by hand', async () => {
    const { clock, bodies, session } = asking({ challenge: [hosted()], check: ['token-1'], post: Array(3).fill(UNREACHABLE) });
    await fill(session, clock);
    await clock.pass(5_000);
    session.send({ kind: 'again' });
    await clock.pass(0);
    expect(session.state().scene).toBe('waiting');
    expect(bodies).toHaveLength(4);
    expect(new Set(bodies).size).toBe(1);
    expect(proofIn(bodies[0])).toBe('token-1');
  });

  test('nothing is proved for whoever only follows a call', async () => {
    const { clock, requests, session } = asking({ challenge: [hosted()], check: ['token-1'] });
    await fill(session, clock);
    session.prepare();
    await clock.pass(500_000);
    session.prepare();
    await clock.pass(0);
    expect(requests.filter((request) => request === 'challenge')).toHaveLength(1);
  });

  test('the end of a session ends it', async () => {
    const { clock, session, over } = asking({ challenge: [hosted()], check: [new Promise<string>(() => {})] });
    session.prepare();
    await clock.pass(0);
    expect(over()).toBe(false);
    session.end();
    expect(over()).toBe(true);
  });
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

async function earlyWork(): Promise<Answer<EarlyChallenge>> {
  const challenge = await prover.challenge(PROOF_REQUEST, 1);
  return { kind: 'ok', value: { challenge: JSON.parse(JSON.stringify(challenge)) as Challenge, goodForMs: GOOD_FOR_MS } };
}

function proofIn(body: string | undefined): unknown {
  return (JSON.parse(body ?? '{}') as { proof?: string }).proof;
}

interface Script {
  site?: Answer<SiteView>[];
  challenge?: Answer<EarlyChallenge>[];
  /** Tokens of hosted checks; undefined for one that fails. */
  check?: (string | Promise<string> | undefined)[];
  post?: Answer<CallAccepted>[];
  poll?: CallView[];
}

/** A relay that answers from a script, and as a healthy one when that is through. */
function start({ site = [], challenge = [], check = [], post = [], poll = [] }: Script = {}, page = { isSeen: true }) {
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
    checkAddress: '',
    async readChallenge() {
      requests.push('challenge');
      return challenge.shift() ?? UNREACHABLE;
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
  let life: AbortSignal | undefined;
  const session = formSession({
    relay,
    async check(signal) {
      life = signal;
      requests.push('check');
      const token = check.shift();
      if (token === undefined) throw new Error('The check failed');
      return token;
    },
    clock,
    country: '',
    department: '',
    isSeen: () => page.isSeen,
    isOnline: () => true,
    onChange: ({ scene }) => scene !== scenes.at(-1) && scenes.push(scene),
  });
  return { clock, requests, bodies, scenes, session, over: () => life?.aborted };
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
