/**
 * What every provider promises, shown against its simulated host on a real socket. Time stands still unless a case moves it. Each
 * case dials once and ends by counting: one command received, and as many calls carried out as the case says.
 */
import { inspect } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FakeClock } from '../simulators/fake-clock.ts';
import { GARBAGE_ANSWERS, type GarbageAnswer } from './garbage-answers.ts';
import type { DialOrder, Fault, FindQuery, Outcome, Provider } from './provider.ts';

const CALL_ID = /^[\w.:-]{1,128}$/;

/** What a host can do to one dial command instead of answering it properly. `executes`: whether the call is made all the same. */
export type HostBehaviour =
  | { kind: 'answer'; status: number; contentType: string; body: string | Uint8Array<ArrayBuffer>; executes: boolean }
  | { kind: 'hang'; executes: boolean }
  | { kind: 'drop'; executes: boolean }
  | { kind: 'reset'; executes: boolean }
  | { kind: 'redirect'; status: number; location: string }
  | { kind: 'truncated' }
  | { kind: 'flood'; bytes: number }
  | { kind: 'drip'; everyMs: number };

/** An error that the host documents, and what the provider must make of it. */
export interface DocumentedError {
  name: string;
  kind: 'refused' | 'not_sent' | 'uncertain';
  code: string;
  problem: Fault['problem'];
  configuration: boolean;
  /** Commands that arrive until it is believed; one when absent. */
  received?: number;
}

/** A provider and its host, fresh for every case. */
export interface ProviderRig {
  provider: Provider;
  clock: FakeClock;
  order: DialOrder;
  /** What the provider holds and must never show. */
  secrets: readonly string[];
  /** For the next dial command. */
  misbehave(behaviour: HostBehaviour): void;
  stageError(name: string): void;
  /** The next success comes without an id. */
  withholdRef(): void;
  /** Resolves once a dial command has arrived. */
  received(): Promise<void>;
  /** How many dial commands arrived, and how many calls were really started. */
  counts(): { received: number; executed: number };
  /** The last command as it arrived. */
  lastOrder(): DialOrder | undefined;
  /** How much of a flood the provider took. */
  floodedBytes(): number;
  /** A second host that would carry out the same command, for redirects that must not be followed. */
  elsewhere: { location: string; received(): number };
  /** Lets the call that was dialled last come to its end; the clock moves on. */
  endCall(how: 'connected' | 'missed'): Promise<void>;
  /** For the next request with which a call is looked up. */
  misbehaveReading(behaviour: HostBehaviour): void;
  /** Resolves once such a request has arrived. */
  readingReceived(): Promise<void>;
  /** The same provider, without leave to look calls up. */
  withoutLeaveToFind(): Provider;
  /** Of a provider that asks for tokens: makes the one in use invalid, and says how many there have been. */
  token?: { spoil(): Promise<void> | void; given(): number };
  /** The same provider, set up for an address where there is nobody. */
  misplaced(place: 'closed_port' | 'unknown_host'): Provider;
  close(): Promise<void>;
}

export interface ProviderHarness {
  open(): Promise<ProviderRig>;
  documentedErrors: readonly DocumentedError[];
  /** What is found of a call that goes on. */
  whileRunning: 'nothing' | 'running';
  /** Unclear answers in the host's own format, besides those that any host can give. */
  ownGarbage: readonly GarbageAnswer[];
  /** The same for looking a call up. */
  ownReadingGarbage: readonly GarbageAnswer[];
  /** What of an order reaches the host; all when absent. */
  carries?: readonly (keyof DialOrder)[];
  /** Whether it has voices, or says why not; it has when absent. */
  hasVoices?: boolean;
  /** Whether events prove their origin beyond the secret of their address; they do when absent. */
  eventsProveOrigin?: boolean;
  /** Whether it asks for tokens, and which answer has it send an order again with a new one; it asks for none when absent. */
  usesToken?: 'new_after_401' | 'new_where_expired';
}

/** An answer is read for this long, and up to this much. */
const ANSWER_WITHIN_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** What may lie in the buffers of two sockets when reading has stopped. */
const BUFFERED_BYTES = 8 * 1024 * 1024;

const REDIRECTS = [301, 302, 303, 304, 305, 306, 307, 308];

export function providerSuite(name: string, harness: ProviderHarness): void {
  async function open(): Promise<ProviderRig> {
    const rig = await harness.open();
    onTestFinished(() => rig.close());
    return rig;
  }

  /** Dials once and holds what is promised of every dial, however it ends. */
  async function dial(
    rig: ProviderRig,
    executed: number,
    meanwhile: (isOver: () => boolean) => Promise<void> = async () => {},
    received = 1,
  ) {
    let outcome: Outcome | undefined;
    const dialling = rig.provider.dial(rig.order).then((answer) => {
      outcome = answer;
      return answer;
    });
    await meanwhile(() => outcome !== undefined);
    await dialling;
    expect(rig.counts()).toEqual({ received, executed });
    expectNothingLeaks(outcome, rig);
    return dialling;
  }

  describe(`${name} as a provider`, () => {
    test('P01 a call is placed, with the order as it was given', async () => {
      const rig = await open();
      const outcome = await dial(rig, 1);
      expectPlaced(outcome, expect.stringMatching(CALL_ID));
      const fields = harness.carries ?? (Object.keys(rig.order) as (keyof DialOrder)[]);
      expect(rig.lastOrder()).toEqual(Object.fromEntries(fields.map((field) => [field, rig.order[field]])));
    });

    test('P02 a success without an id is a success', async () => {
      const rig = await open();
      rig.withholdRef();
      expectPlaced(await dial(rig, 1), undefined);
    });

    test('P03 an order without a voice leaves it to the host', async () => {
      const rig = await open();
      rig.order = { ...rig.order, voice: undefined };
      expect(await dial(rig, 1)).toMatchObject({ kind: 'placed' });
      expect(rig.lastOrder()?.voice).toBeUndefined();
    });

    test.each(harness.documentedErrors)('P04 the documented error $name: $kind, $code', async (error) => {
      const rig = await open();
      rig.stageError(error.name);
      const outcome = await dial(rig, 0, undefined, error.received);
      const { kind, code, problem, configuration } = error;
      expect(outcome).toMatchObject({ kind, fault: { code, problem, configuration } });
      expect(rig.provider.problemOf(code)).toBe(problem);
    });

    test.each(['closed_port', 'unknown_host'] as const)('P05 nobody there (%s): proved not sent', async (place) => {
      const rig = await open();
      const outcome = await rig.misplaced(place).dial(rig.order);
      expect(outcome).toMatchObject({ kind: 'not_sent', fault: { problem: 'unavailable' } });
      expectNothingLeaks(outcome, rig);
    });

    test.each([
      ['carried out', true, 1],
      ['not carried out', false, 0],
    ] as const)('P06 no answer in time, the order %s: uncertain', async (_, executes, executed) => {
      const rig = await open();
      rig.misbehave({ kind: 'hang', executes });
      const outcome = await dial(rig, executed, async (isOver) => {
        await rig.received();
        await rig.clock.advance(ANSWER_WITHIN_MS - 1);
        expect(isOver()).toBe(false);
        await rig.clock.advance(1);
      });
      expect(outcome.kind).toBe('uncertain');
    });

    test.each([
      ['carried out', 'drop', true, 1],
      ['not carried out', 'drop', false, 0],
      ['carried out and reset', 'reset', true, 1],
      ['not carried out but reset', 'reset', false, 0],
    ] as const)('P07 the connection is cut, the order %s: uncertain', async (_, kind, executes, executed) => {
      const rig = await open();
      rig.misbehave({ kind, executes });
      expect((await dial(rig, executed)).kind).toBe('uncertain');
    });

    test('P08 the connection is cut in the middle of the answer: uncertain', async () => {
      const rig = await open();
      rig.misbehave({ kind: 'truncated' });
      expect((await dial(rig, 1)).kind).toBe('uncertain');
    });

    test.each(REDIRECTS)('P09 a redirect (%i) is a fault in the set-up; nothing reaches the other host', async (status) => {
      const rig = await open();
      rig.misbehave({ kind: 'redirect', status, location: rig.elsewhere.location });
      expect(await dial(rig, 0)).toMatchObject({ kind: 'refused', fault: { configuration: true, problem: 'unavailable' } });
      expect(rig.elsewhere.received()).toBe(0);
    });

    test.each([...GARBAGE_ANSWERS, ...harness.ownGarbage])('P10 $name ($status): uncertain', async ({ name: _, ...answer }) => {
      const rig = await open();
      rig.misbehave({ kind: 'answer', ...answer, executes: true });
      expect((await dial(rig, 1)).kind).toBe('uncertain');
    });

    test('P11 an answer of 100 MB is cut at 64 KiB: uncertain', async () => {
      const rig = await open();
      rig.misbehave({ kind: 'flood', bytes: 100 * 1024 * 1024 });
      expect((await dial(rig, 1)).kind).toBe('uncertain');
      expect(rig.floodedBytes()).toBeLessThan(MAX_ANSWER_BYTES + BUFFERED_BYTES);
    });

    test('P12 an answer that drips on and on is given up after 15 s: uncertain', async () => {
      const rig = await open();
      rig.misbehave({ kind: 'drip', everyMs: 1_000 });
      const outcome = await dial(rig, 1, async (isOver) => {
        await rig.received();
        await rig.clock.advance(ANSWER_WITHIN_MS - 1);
        expect(isOver()).toBe(false);
        await rig.clock.advance(1);
      });
      expect(outcome.kind).toBe('uncertain');
    });

    test('P13 an answer that repeats the secret and the number passes neither on', async () => {
      for (const status of [200, 400, 401, 403, 500, 503]) {
        const rig = await open();
        const echo = [...rig.secrets, rig.order.number, rig.order.number.slice(1)].join(' ');
        const body = JSON.stringify({ error: echo, error_description: echo, message: echo, CALL_ID: echo });
        rig.misbehave({ kind: 'answer', status, contentType: 'application/json', body, executes: false });
        const isResent = status === 401 && harness.usesToken === 'new_after_401';
        await dial(rig, isResent ? 1 : 0, undefined, isResent ? 2 : 1);
      }
    });

    test('P14 looked into as deeply as one can, the provider shows no secret', async () => {
      const rig = await open();
      expectNothingLeaks(rig.provider, rig);
      await rig.provider.dial(rig.order);
      expectNothingLeaks(rig.provider, rig);
    });

    test('P15 looking at lines, voices and the set-up rings nobody', async () => {
      const rig = await open();
      const lines = await rig.provider.lines();
      const voices = await rig.provider.voices();
      const findings = await rig.provider.verify(rig.order.line);
      expect(lines).toMatchObject({ ok: true, value: expect.arrayContaining([expect.objectContaining({ id: rig.order.line })]) });
      expect(voices).toMatchObject(harness.hasVoices === false ? { ok: false, fault: { configuration: true } } : { ok: true });
      expect(findings.filter(({ ok }) => !ok)).toEqual([]);
      expect(rig.counts()).toEqual({ received: 0, executed: 0 });
      expectNothingLeaks([lines, voices, findings], rig);
    });

    test('P16 a line that does not exist is found before anybody dials', async () => {
      const rig = await open();
      const findings = await rig.provider.verify('no-such-line');
      const complaint = findings.find(({ ok }) => !ok);
      expect(complaint?.message).toContain(rig.order.line);
    });

    test('P17 with nobody there, questions are answered with a fault', async () => {
      const rig = await open();
      const provider = rig.misplaced('closed_port');
      expect(await provider.lines()).toMatchObject({ ok: false });
      expect(await provider.voices()).toMatchObject({ ok: false });
      expect((await provider.verify(rig.order.line)).some(({ ok }) => !ok)).toBe(true);
    });

    const unproved = harness.eventsProveOrigin === false ? 'ignored' : 'forged';
    test(`P18 an event that says nothing, not even where it comes from, is ${unproved}`, async () => {
      const rig = await open();
      expect(await rig.provider.readEvent('application/json', '{}')).toEqual({ kind: unproved });
      expect(await rig.provider.readEvent('application/x-www-form-urlencoded', '')).toEqual({ kind: unproved });
    });

    test('P19 a call that is over is found by its id, and by number and time', async () => {
      for (const end of ['connected', 'missed'] as const) {
        const rig = await open();
        const outcome = await dial(rig, 1);
        const ref = outcome.kind === 'placed' ? outcome.ref : undefined;
        const query = around(rig);
        await rig.endCall(end);
        for (const wanted of [ref, undefined]) {
          const answer = await rig.provider.find({ ...query, ref: wanted });
          expect(answer).toMatchObject({ ok: true, value: { kind: 'ended', ref, news: { kind: 'end', end } } });
          expectNothingLeaks(answer, rig);
        }
        expect(rig.counts()).toEqual({ received: 1, executed: 1 });
      }
    });

    test(`P20 of a call that goes on, ${harness.whileRunning} is found`, async () => {
      const rig = await open();
      const outcome = await dial(rig, 1);
      const ref = outcome.kind === 'placed' ? outcome.ref : undefined;
      for (const wanted of [ref, undefined]) {
        expect(await rig.provider.find({ ...around(rig), ref: wanted })).toMatchObject({ ok: true, value: { kind: harness.whileRunning } });
      }
      expect(rig.counts()).toEqual({ received: 1, executed: 1 });
    });

    test('P21 a call whose answer was lost is found by number and time', async () => {
      const rig = await open();
      rig.misbehave({ kind: 'drop', executes: true });
      await dial(rig, 1);
      const query = around(rig);
      await rig.endCall('connected');
      expect(await rig.provider.find(query)).toMatchObject({ ok: true, value: { kind: 'ended', ref: expect.any(String) } });
      expect(rig.counts()).toEqual({ received: 1, executed: 1 });
    });

    test("P22 nobody else's call is found", async () => {
      const rig = await open();
      await dial(rig, 1);
      const query = around(rig);
      await rig.endCall('connected');
      const others: Partial<FindQuery>[] = [
        { number: '+4915123456780' },
        { number: `${rig.order.number}0` },
        { from: query.from - 3_600_000, until: query.from },
        { from: query.until, until: query.until + 3_600_000 },
        { ref: 'no.such.call' },
      ];
      for (const other of others) {
        expect(await rig.provider.find({ ...query, ...other })).toEqual({ ok: true, value: { kind: 'nothing' } });
      }
    });

    test.each([...GARBAGE_ANSWERS, ...harness.ownReadingGarbage])(
      'P23 looking a call up, $name ($status): nothing is known',
      async (given) => {
        const rig = await open();
        const { name: _, ...answer } = given;
        rig.misbehaveReading({ kind: 'answer', ...answer, executes: false });
        const answered = await rig.provider.find(around(rig));
        expect(answered).toMatchObject({ ok: false });
        expect(rig.counts()).toEqual({ received: 0, executed: 0 });
      },
    );

    test.each<HostBehaviour>([
      { kind: 'drop', executes: true },
      { kind: 'reset', executes: true },
      { kind: 'truncated' },
      { kind: 'flood', bytes: 1_000_000 },
      { kind: 'redirect', status: 302, location: 'http://127.0.0.1:9/' },
    ])('P24 looking a call up ends with a fault: $kind', async (behaviour) => {
      const rig = await open();
      rig.misbehaveReading(behaviour);
      expect(await rig.provider.find(around(rig))).toMatchObject({ ok: false });
      expect(rig.counts()).toEqual({ received: 0, executed: 0 });
    });

    test('P25 looking a call up is given up after 15 s', async () => {
      const rig = await open();
      rig.misbehaveReading({ kind: 'hang', executes: false });
      const looking = rig.provider.find(around(rig));
      await rig.readingReceived();
      await rig.clock.advance(ANSWER_WITHIN_MS);
      expect(await looking).toMatchObject({ ok: false });
    });

    test('P26 without leave, or with nobody there, calls cannot be looked up', async () => {
      const rig = await open();
      const forbidden = await rig.withoutLeaveToFind().find(around(rig));
      expect(forbidden).toMatchObject({ ok: false, fault: { configuration: true, message: expect.any(String) } });
      expect(await rig.misplaced('closed_port').find(around(rig))).toMatchObject({ ok: false, fault: { configuration: false } });
      expectNothingLeaks(forbidden, rig);
    });

    if (harness.usesToken) {
      test('P27 fifty dials at once whose token has ended ask for one new token, and each rings once', async () => {
        const rig = await open();
        await dial(rig, 1);
        await rig.token?.spoil();
        const before = rig.token?.given() ?? 0;
        const outcomes = await Promise.all(Array.from({ length: PARALLEL_DIALS }, () => rig.provider.dial(rig.order)));
        expect(outcomes.filter(({ kind }) => kind !== 'placed')).toEqual([]);
        expect((rig.token?.given() ?? 0) - before).toBe(1);
        expect(rig.counts().executed).toBe(1 + PARALLEL_DIALS);
        expectNothingLeaks(outcomes, rig);
      });
    }
  });
}

const PARALLEL_DIALS = 50;

/** The order of a rig, looked for by number and time, as a relay asks that has just dialled. */
function around({ order, clock }: ProviderRig): FindQuery {
  return { ref: undefined, number: order.number, line: order.line, from: clock.now() - 60_000, until: clock.now() + 90_000 };
}

/** In JSON, in an inspection of everything hidden, and in words. */
function expectNothingLeaks(shown: unknown, { secrets, order }: ProviderRig): void {
  const seen = `${JSON.stringify(shown)}\n${inspect(shown, { showHidden: true, depth: Number.POSITIVE_INFINITY })}\n${String(shown)}`;
  for (const secret of [...secrets, order.number, order.number.slice(1)]) expect(seen).not.toContain(secret);
}

/** Some providers give a second id, by which a call can be broken off. */
function expectPlaced(outcome: Outcome, ref: unknown): void {
  const { controlRef, ...told } = { controlRef: undefined, ...outcome };
  expect(told).toEqual({ kind: 'placed', ref });
  if (controlRef !== undefined) expect(controlRef).toMatch(CALL_ID);
}
