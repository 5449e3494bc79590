import { beforeEach, describe, expect, test } from 'vitest';
import type { Outcome, Provider } from '../providers/provider.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { type ProviderGate, providerGate } from './provider-gate.ts';

const fault = { code: 'portal_unreachable', message: 'No connection.', problem: 'unavailable', configuration: false } as const;
const NOT_SENT: Outcome = { kind: 'not_sent', fault };
const LINE = 'reg1332';

let clock: FakeClock;
let gate: ProviderGate;
/** What really reached the account. */
let questions: string[];

beforeEach(() => {
  clock = fakeClock(0);
  gate = providerGate(clock);
  questions = [];
});

function account(name: string, pace: Provider['pace'] = { host: 'portal.example', perSecond: 2, burst: 50 }): Provider {
  const asked = async <T>(what: string, value: T) => {
    questions.push(what);
    return { ok: true, value } as const;
  };
  return {
    name,
    reportsEvents: false,
    pace,
    dial: async () => ({ kind: 'placed', ref: undefined }),
    find: () => asked('find', { kind: 'nothing' } as const),
    verify: async () => {
      questions.push('verify');
      return [];
    },
    problemOf: () => undefined,
    lines: () => asked('lines', []),
    voices: () => asked('voices', []),
    readEvent: () => ({ kind: 'ignored' }),
  };
}

/** Whose host is known from its first request on, and may change. */
function installedAccount(name: string) {
  const pace = { host: `app:${name}`, perSecond: 2, burst: 50 };
  return { provider: account(name, pace), moveTo: (host: string) => Object.assign(pace, { host }) };
}

/** As one look through that many due calls, all of which are then claimed. */
function look(provider: Provider, calls: number): (number | undefined)[] {
  const turns = gate.lookThrough();
  const ids = Array.from({ length: calls }, (_, at) => `call-${at}`);
  const answers = ids.map((id) => turns.choose(id, [provider])?.waitUntil);
  turns.end(new Set(ids));
  return answers;
}

const passed = (answers: (number | undefined)[]) => answers.filter((each) => each === undefined).length;

describe('places', () => {
  test('are as many as the provider takes; those who wait come one after another', () => {
    const answers = look(account('main'), 53);
    expect(passed(answers)).toBe(50);
    expect(answers.slice(50)).toEqual([500, 1_000, 1_500]);
  });

  test('are shared by all accounts of one portal, and by nobody else', () => {
    look(account('main'), 50);
    expect(passed(look(account('other'), 1))).toBe(0);
    expect(passed(look(account('elsewhere', { host: 'other.example', perSecond: 2, burst: 50 }), 1))).toBe(1);
  });

  test('asked about twice for one call are one', () => {
    const provider = account('main');
    const turns = gate.lookThrough();
    for (let again = 0; again < 60; again += 1) expect(turns.choose('call', [provider])).toEqual({ provider, waitUntil: undefined });
    turns.end(new Set(['call']));
    expect(passed(look(provider, 60))).toBe(49);
  });

  test('that nobody claimed are given back', () => {
    const provider = account('main');
    const turns = gate.lookThrough();
    for (let at = 0; at < 50; at += 1) turns.choose(`call-${at}`, [provider]);
    turns.end(new Set());
    expect(passed(look(provider, 60))).toBe(50);
  });

  test('are not used up by asking when there will be one', () => {
    const provider = account('main');
    for (let again = 0; again < 100; again += 1) expect(gate.readyAt(provider)).toBe(0);
    look(provider, 50);
    expect(gate.readyAt(provider)).toBe(500);
  });

  test('are there without end where the provider sets no pace', () => {
    const provider = { ...account('main'), pace: undefined };
    expect(passed(look(provider, 200))).toBe(200);
    expect(gate.readyAt(provider)).toBe(0);
  });
});

describe('an account that cannot be reached', () => {
  test('keeps its calls waiting, and no other account its own', () => {
    const [broken, sound] = [account('broken'), account('sound')];
    for (let at = 0; at < 5; at += 1) gate.note(broken, LINE, NOT_SENT);
    clock.set(10_000);
    expect(look(broken, 1)).toEqual([30_000]);
    expect(gate.readyAt(broken)).toBe(30_000);
    expect(look(sound, 1)).toEqual([undefined]);
  });

  test('is asked once, by the line that failed, and then goes at its pace', () => {
    const provider = account('main');
    for (let at = 0; at < 5; at += 1) gate.note(provider, LINE, NOT_SENT);
    expect(gate.takeProbes([provider])).toEqual([]);
    clock.set(30_000);
    expect(gate.takeProbes([provider])).toEqual([{ provider, line: LINE }]);
    expect(gate.takeProbes([provider])).toEqual([]);
    expect(gate.probed(provider, true)).toBe('closed');
    expect(look(provider, 3)).toEqual([30_500, 31_000, 31_500]);
  });

  test('unclear answers and refusals do not count as that', () => {
    const provider = account('main');
    for (let at = 0; at < 10; at += 1) {
      expect(gate.note(provider, LINE, { kind: 'uncertain', fault })).toBeUndefined();
      expect(gate.note(provider, LINE, { kind: 'refused', fault: { ...fault, configuration: true } })).toBeUndefined();
    }
    expect(passed(look(provider, 1))).toBe(1);
  });

  test('is not thought to answer because of an answer that proves nothing', () => {
    const provider = account('main');
    for (let at = 0; at < 4; at += 1) gate.note(provider, LINE, NOT_SENT);
    expect(gate.note(provider, LINE, { kind: 'uncertain', fault })).toBeUndefined();
    expect(gate.note(provider, LINE, NOT_SENT)).toBe('opened');
  });

  test('is known through its paced self as well, and starts afresh when it is set up anew', () => {
    const provider = account('main');
    const paced = gate.pace(provider);
    for (let at = 0; at < 5; at += 1) gate.note(paced, LINE, NOT_SENT);
    expect(gate.readyAt(gate.pace(provider))).toBe(30_000);
    clock.set(1_000);
    expect(gate.readyAt(gate.pace(account('main')))).toBeLessThanOrEqual(1_000);
  });
});

test('a provider that names a time is left alone until then, for ten minutes at most', () => {
  const provider = account('main');
  gate.note(provider, LINE, { kind: 'not_sent', fault, retryAt: 400_000 });
  expect(look(provider, 1)).toEqual([400_000]);
  gate.note(provider, LINE, { kind: 'not_sent', fault, retryAt: 10_000_000 });
  expect(gate.readyAt(provider)).toBe(600_000);
});

describe('an account that learns its host as it goes', () => {
  test('shares the pace of whoever else asks there', () => {
    const { provider, moveTo } = installedAccount('app');
    gate.pace(provider);
    look(account('main'), 40);
    moveTo('portal.example');
    expect(passed(look(provider, 20))).toBe(10);
    expect(passed(look(account('main'), 1))).toBe(0);
  });

  test('takes along what it has used where nobody else asks', () => {
    const { provider, moveTo } = installedAccount('app');
    look(provider, 40);
    moveTo('portal.example');
    expect(passed(look(provider, 20))).toBe(10);
    expect(passed(look(account('main'), 1))).toBe(0);
  });

  test('has all that is asked there wait, and leaves room for its dials', async () => {
    const { provider, moveTo } = installedAccount('app');
    const paced = gate.pace(provider);
    let arrived = 0;
    const fetch = gate.paceFetch(async () => {
      arrived += 1;
      return new Response();
    });
    moveTo('portal.example');
    for (let nth = 0; nth < 200; nth += 1) void fetch('https://portal.example/rest/crm.item.add');
    await clock.advance(0);
    expect(arrived).toBe(40);
    expect(passed(look(paced, 20))).toBe(10);
  });
});

describe('questions', () => {
  const query = { ref: undefined, number: '+4915123456789', line: LINE, from: 0, until: 1 };

  test('wait until there is room beside the dials', async () => {
    const paced = gate.pace(account('main'));
    look(paced, 39);
    const answer = paced.find(query);
    expect(questions).toEqual([]);
    await clock.advance(500);
    expect(await answer).toEqual({ ok: true, value: { kind: 'nothing' } });
    expect(passed(look(paced, 20))).toBe(10);
  });

  test('are given up where no turn comes in time, and nothing is sent', async () => {
    const paced = gate.pace(account('main'));
    look(paced, 50);
    expect(await paced.find(query)).toMatchObject({ ok: false, fault: { code: 'pace_reached' } });
    expect(await paced.lines()).toMatchObject({ ok: false });
    expect(await paced.voices()).toMatchObject({ ok: false });
    expect(await paced.verify(LINE)).toMatchObject([{ ok: false }]);
    expect(questions).toEqual([]);
  });

  test('of others to the same host wait as well, until they give up; those to any other host do not', async () => {
    const arrived: string[] = [];
    const paced = gate.paceFetch(async (input) => {
      arrived.push(String(input));
      return new Response();
    });
    look(account('main'), 50);
    const patient = paced('https://portal.example/rest/crm');
    const giveUp = new AbortController();
    const impatient = paced('https://portal.example/rest/other', { signal: giveUp.signal });
    await paced('https://hooks.example/lead');
    expect(arrived).toEqual(['https://hooks.example/lead']);
    giveUp.abort(new Error('too late'));
    await expect(impatient).rejects.toThrow('too late');
    await clock.advance(5_500);
    await patient;
    expect(arrived).toEqual(['https://hooks.example/lead', 'https://portal.example/rest/crm']);
  });
});

test('a time that was over before anything was sent says nothing of the account', () => {
  const provider = account('main');
  const late: Outcome = { kind: 'not_sent', fault: { ...fault, code: 'out_of_time' } };
  for (let nth = 0; nth < 20; nth++) expect(gate.note(provider, LINE, late)).toBeUndefined();
  expect(gate.readyAt(provider)).toBeLessThanOrEqual(clock.now());
  for (let nth = 0; nth < 4; nth++) gate.note(provider, LINE, NOT_SENT);
  expect(gate.note(provider, LINE, NOT_SENT)).toBe('opened');
});
