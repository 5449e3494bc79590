/** What an attacker gets for his trouble. The truth is the portal's log of dials: who was really rung. */
import { afterEach, describe, expect, test } from 'vitest';
import type { CallAccepted } from '../contract/calls.ts';
import type { Problem } from '../contract/problems.ts';
import { type AttackedRelay, type AttackedRelayOptions, attackedRelay, mostWithin, PER_CALL } from '../simulators/attacked-relay.ts';
import { USUAL_LIMITS } from '../simulators/example-site.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const PER_DAY = 2_000;
const VICTIM = '+4915123456789';
/** Premium, satellite, Abkhazian, and one that is a person's. */
const TARGETS = ['0900 1 234567', '+881 6 12345678', '+7 940 771 23 45', '0151 23456789'];

let attacked: AttackedRelay;

function begin(options: AttackedRelayOptions = {}): AttackedRelay {
  attacked = attackedRelay({ perDay: PER_DAY, ...options });
  return attacked;
}

afterEach(async () => {
  expectLimitsHeld();
  await attacked.close();
});

/** After every attack: no number was rung more often than it may be, no site more than its limits, nothing beyond the money. */
function expectLimitsHeld(): void {
  const { dials } = attacked.portal.telephones;
  for (const number of new Set(dials.map((dial) => dial.number))) {
    const times = dials.filter((dial) => dial.number === number).map(({ dialledAt }) => dialledAt);
    for (const { max, perMs } of USUAL_LIMITS.number) expect(mostWithin(times, perMs), number).toBeLessThanOrEqual(max);
  }
  const times = dials.map(({ dialledAt }) => dialledAt);
  for (const { max, perMs } of USUAL_LIMITS.deployment) expect(mostWithin(times, perMs)).toBeLessThanOrEqual(max);
  for (const [purse, amount] of attacked.reserved) {
    if (purse.startsWith('site:')) expect(amount, purse).toBeLessThanOrEqual(PER_DAY);
  }
}

const dialled = () => attacked.portal.telephones.dials.map(({ number }) => number);
const codeOf = async (response: Response) => ((await response.json()) as Problem).code;

/** Somebody with a number and a network of his own asks, is accepted and rung. */
async function expectServed(at: number, site?: string): Promise<void> {
  const digits = String(at).padStart(4, '0');
  const response = await attacked.ask({ phone: `0151 9999${digits}`, address: `203.0.113.${at}`, ...(site !== undefined && { site }) });
  expect(response.status).toBe(202);
  await attacked.pass(0);
  expect(dialled().filter((number) => number === `+491519999${digits}`)).toHaveLength(1);
}

async function count(times: number, ask: (at: number) => Promise<Response>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < times; at++) {
    const response = await ask(at);
    const name = response.status === 202 ? 'accepted' : await codeOf(response);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('10,000 requests from 1,000 addresses of one /48', () => {
  const addressOf = (at: number) => `2001:db8:5:${(at % 1_000).toString(16)}::${at.toString(16)}`;

  test('at once: one telephone rings once', { timeout: 60_000 }, async () => {
    const { ask, pass } = begin();
    expect(await count(10_000, (at) => ask({ phone: TARGETS[at % 4] ?? '', address: addressOf(at) }))).toEqual({
      number_refused: 7_500,
      accepted: 1,
      rate_limited: 2_499,
    });
    await pass(0);
    expect(dialled()).toEqual([VICTIM]);
    await expectServed(1);
  });

  test('over a whole day: one telephone rings as often as a day allows, and others are served all the while', {
    timeout: 120_000,
  }, async () => {
    const { ask, pass } = begin();
    for (let at = 0; at < 10_000; at++) {
      const { status } = await ask({ phone: TARGETS[at % 4] ?? '', address: addressOf(at) });
      expect([202, 422, 429]).toContain(status);
      if (at % 1_000 === 999) await expectServed((at + 1) / 1_000);
      if (at % 10 === 9) await pass(DAY_MS / 1_000);
      else if (status === 202) await pass(0);
    }
    const toVictim = dialled().filter((number) => number === VICTIM);
    expect(toVictim).toHaveLength(5);
    expect(new Set(dialled()).size).toBe(1 + 10);
  });
});

test('100 parallel requests for one number, each with a key and a network of its own: one is accepted, one dial', async () => {
  const { ask, pass, portal } = begin();
  const responses = await Promise.all(
    Array.from({ length: 100 }, (_, at) => ask({ phone: TARGETS[3] ?? '', address: `198.51.100.${at}` })),
  );
  const refused = responses.filter(({ status }) => status !== 202);
  expect(refused).toHaveLength(99);
  for (const response of refused) {
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await codeOf(response)).toBe('rate_limited');
  }
  // Drains that run into one another divide the work, they do not double it.
  await Promise.all(Array.from({ length: 10 }, () => pass(0)));
  expect(dialled()).toEqual([VICTIM]);
  expect(portal.requests).toHaveLength(1);
  await expectServed(1);
});

describe('the same request again, on a site that forgets its calls at once', () => {
  const request = { phone: TARGETS[3] ?? '', address: '198.51.100.1', key: crypto.randomUUID() };

  test('after its call has ended: it is that call, and nobody is rung a second time', async () => {
    const { ask, pass } = begin({ settings: { retentionMs: 0 } });
    const { id } = (await (await ask(request)).json()) as CallAccepted;
    for (let waited = 0; waited < DAY_MS; waited += HOUR_MS) {
      const again = await ask(request);
      expect([again.status, ((await again.json()) as CallAccepted).id]).toEqual([202, id]);
      for (let minute = 0; minute < 60; minute++) await pass(MINUTE_MS);
    }
    expect(dialled()).toEqual([VICTIM]);
    // Then the key has lived out, as the contract says, and the same request is a new one.
    expect(((await (await ask(request)).json()) as CallAccepted).id).not.toBe(id);
  });

  test('after it was taken back: it stays taken back, and nobody is rung', async () => {
    const { ask, pass, takeBack } = begin({ settings: { retentionMs: 0 } });
    expect((await takeBack(await ask(request))).status).toBe(200);
    await pass(SECOND_MS);
    expect((await ask(request)).status).toBe(202);
    await pass(MINUTE_MS);
    expect(dialled()).toEqual([]);
    await expectServed(1);
  });
});

describe('calls to one number that may ring later than they are asked for', () => {
  const ask = (more: { at?: string } = {}) => attacked.ask({ phone: TARGETS[3] ?? '', address: '198.51.100.1', ...more });

  /** Asks every minute, and lets everything ring as soon as it may. */
  async function askOnAndOn(untilMs: number): Promise<void> {
    for (let passed = 0; passed < untilMs; passed += MINUTE_MS) {
      await ask();
      for (let second = 0; second < 60; second += 5) await attacked.pass(5 * SECOND_MS);
    }
  }

  test('a slot a day ahead leaves no more than the limit for the day itself', async () => {
    const { clock } = begin({ settings: { slots: { everyMinutes: 30, capacity: 2, daysAhead: 7 } } });
    const slot = Math.ceil((clock.now() + 25 * HOUR_MS) / (30 * MINUTE_MS)) * 30 * MINUTE_MS;
    expect((await ask({ at: new Date(slot).toISOString() })).status).toBe(202);
    clock.set(slot);
    await askOnAndOn(20 * MINUTE_MS);
    expect(dialled()).toEqual([VICTIM, VICTIM, VICTIM]);
    // Nor do slots in a row get round it.
    const slots = [1, 2, 3, 4, 5, 6].map((half) => slot + HOUR_MS + half * 30 * MINUTE_MS);
    for (const at of slots) {
      await ask({ at: new Date(at).toISOString() });
      clock.set(at);
      await askOnAndOn(10 * MINUTE_MS);
    }
  });

  test('a call that waits for a busy line leaves no more than the limit behind it', async () => {
    const { ask: askFor, pass } = begin({ settings: { concurrency: 1 } });
    for (const at of [1, 2]) {
      await askFor({ phone: `0151 9999000${at}`, address: `203.0.113.${at}` });
      await pass(0);
    }
    await askOnAndOn(30 * MINUTE_MS);
    expect(dialled().filter((number) => number === VICTIM).length).toBe(3);
  });
});

describe('a slow drip for a day, under every limit of its own', () => {
  /** The day in Berlin, where the site is, begins at 23:00 UTC. */
  const MIDNIGHT = Date.UTC(2026, 0, 5, 23);

  const EVERY_MS = 5 * MINUTE_MS;
  /** German mobile numbers of so many beginnings, each once. */
  const numberOf = (at: number, beginnings: number) => `017${String(at % beginnings).padStart(2, '0')}${String(at).padStart(6, '0')}`;

  /** What a visitor on a network of his own is answered, every two hours of that day. */
  async function dripOn(beginnings: number): Promise<{ counts: Record<string, number>; visitors: number[] }> {
    const { ask, pass, clock } = attacked;
    clock.set(MIDNIGHT);
    const visitors: number[] = [];
    const counts = await count(DAY_MS / EVERY_MS, async (at) => {
      const response = await ask({ phone: numberOf(at, beginnings), address: `198.51.${at >> 8}.${at & 255}` });
      await pass(EVERY_MS);
      if (at % 24 !== 12) return response;
      const visitor = await ask({ phone: `0151 ${visitors.length % 10}${String(at).padStart(7, '0')}`, address: `203.0.113.${at % 250}` });
      visitors.push(visitor.status);
      if (visitor.status === 503) expect(Number(visitor.headers.get('retry-after'))).toBe((MIDNIGHT + DAY_MS - clock.now()) / SECOND_MS);
      return response;
    });
    return { counts, visitors };
  }

  test('from ever new networks to numbers that begin alike: soon each costs an effort, and visitors are served all day', {
    timeout: 60_000,
  }, async () => {
    const { told } = begin();
    const { counts, visitors } = await dripOn(1);
    expect(visitors).toEqual(Array(12).fill(202));
    // Each call of a visitor lets the share sink a little.
    expect(counts.accepted).toBeLessThan(25);
    expect(counts).toEqual({ accepted: counts.accepted, proof_required: DAY_MS / EVERY_MS - (counts.accepted ?? 0) });
    expect(told.filter(({ event }) => event === 'destination.crowded').length).toBeGreaterThan(0);
    expect(JSON.stringify(told)).not.toMatch(/17000|491700/);
  });

  test('from ever new networks to numbers of everywhere: it ends at the budget of the day, for everybody, and the next day is a new one', {
    timeout: 60_000,
  }, async () => {
    const { reserved } = begin();
    const { counts, visitors } = await dripOn(20);
    // The money is spent, and nobody is told otherwise: a visitor is told when the next day begins.
    expect(visitors).toEqual([202, 202, ...Array(10).fill(503)]);
    const accepted = PER_DAY / PER_CALL - 2;
    expect(counts).toEqual({ accepted, unavailable: DAY_MS / EVERY_MS - accepted });
    expect(dialled()).toHaveLength(PER_DAY / PER_CALL);
    expect(Math.max(...reserved.values())).toBe(PER_DAY);
    await expectServed(1);
  });

  test('over all sites at once it ends at the budget of the deployment', async () => {
    const sites = ['shop', 'garage', 'clinic'];
    const { ask, pass, clock, reserved } = begin({ sites, deploymentPerDay: 3_000 });
    clock.set(Date.UTC(2026, 0, 6));
    const counts = await count(120, async (at) => {
      const response = await ask({ site: sites[at % 3] ?? '', phone: numberOf(at, 20), address: `198.51.100.${at}` });
      await pass(5 * MINUTE_MS);
      return response;
    });
    expect(counts).toEqual({ accepted: 60, unavailable: 60 });
    expect(dialled()).toHaveLength(60);
    expect(Math.max(...reserved.values())).toBe(3_000);
  });

  test('from one network: no more than its soft limits without an effort', { timeout: 60_000 }, async () => {
    const { ask, pass, clock } = begin();
    clock.set(MIDNIGHT);
    const counts = await count(96, async (at) => {
      const response = await ask({ phone: `0151 4${String(at).padStart(7, '0')}`, address: '198.51.100.1' });
      await pass(15 * MINUTE_MS);
      return response;
    });
    expect(counts.accepted).toBe(4);
    expect(counts).toEqual({ accepted: 4, proof_required: 92 });
    expect(dialled()).toHaveLength(4);
    await expectServed(1);
  });
});

describe('a forged Origin', () => {
  test('of a page that is not the site’s gets nothing', async () => {
    const { ask, pass, portal } = begin();
    const forged = ['https://evil.example', 'null', 'https://shop.example.evil.example', 'http://shop.example', 'https://shop.example:444'];
    for (const [at, origin] of forged.entries()) {
      const response = await ask({ phone: TARGETS[3] ?? '', address: `198.51.100.${at}`, headers: { origin } });
      expect([response.status, await codeOf(response)]).toEqual([403, 'origin_not_allowed']);
    }
    await pass(MINUTE_MS);
    expect(portal.requests).toEqual([]);
    await expectServed(1);
  });

  test('of the site itself gets one network as far as its limits, and others are served', async () => {
    const { ask } = begin();
    const counts = await count(50, (at) => ask({ phone: `0151 5${String(at).padStart(7, '0')}`, address: '198.51.100.1' }));
    // Then it is asked for an effort, and at last not even that: challenges are limited too.
    expect(counts.accepted).toBe(3);
    expect(Object.keys(counts).toSorted()).toEqual(['accepted', 'proof_required', 'rate_limited']);
    await expectServed(1);
    expect(dialled()).toHaveLength(4);
  });

  test('of the site itself, from many networks: the site’s limit, and others are served as soon as they were told', async () => {
    const { ask, pass } = begin();
    const counts = await count(50, (at) => ask({ phone: `0151 6${String(at).padStart(7, '0')}`, address: `198.51.100.${at}` }));
    expect(counts).toEqual({ accepted: 6, rate_limited: 44 });
    const told = await ask({ phone: '0151 99990001', address: '203.0.113.1' });
    await pass(Number(told.headers.get('retry-after')) * SECOND_MS);
    await expectServed(1);
    expect(dialled()).toHaveLength(7);
  });
});
