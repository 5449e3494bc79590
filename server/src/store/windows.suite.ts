/** S20–S29, S140–S143: limits hold exactly, and a refusal says exactly when to come back (I2). */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { AcceptResult, Limit, Window } from './acceptance.ts';
import { type DefineCase, type OpenStore, takeOne, withStore } from './case.suite.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Never held: what refuses is a window. */
const UNHELD = { dialWithinMs: 0, holdMs: 0 };

export function windowCases(define: DefineCase, open: OpenStore): void {
  define('S20', 'each window of a number lets go to the millisecond', async ({ store, clock, draft }) => {
    const windows = [
      { max: 2, perMs: 15 * MINUTE_MS },
      { max: 3, perMs: 6 * HOUR_MS },
      { max: 5, perMs: 24 * HOUR_MS },
    ];
    const ask = () => store.accept(draft({ ...UNHELD, numberKey: 'same' }), { limits: [{ scope: 'number', key: 'same', windows }] });
    const start = clock.now();
    /** Refused until `retryAt`, also one millisecond before it, and then accepted. */
    const waitFor = async (retryAt: number) => {
      expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt });
      clock.set(retryAt - 1);
      expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt });
      clock.set(retryAt);
      expect(await ask()).toMatchObject({ kind: 'accepted' });
    };
    for (const at of [start, start + MINUTE_MS]) {
      clock.set(at);
      expect(await ask()).toMatchObject({ kind: 'accepted' });
    }
    await waitFor(start + 15 * MINUTE_MS);
    await waitFor(start + 6 * HOUR_MS);
    await waitFor(start + 6 * HOUR_MS + MINUTE_MS);
    await waitFor(start + 24 * HOUR_MS);
  });

  define('S21', 'a number is counted over all sites', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
    for (const site of ['one', 'two']) await store.accept(draft({ ...UNHELD, site, numberKey: 'same' }), { limits });
    const refused = { kind: 'limited', scope: 'number', retryAt: clock.now() + HOUR_MS };
    expect(await store.accept(draft({ ...UNHELD, site: 'three', numberKey: 'same' }), { limits })).toEqual(refused);
  });

  define('S22', 'a source is counted over all numbers', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 3, perMs: HOUR_MS }] }] as const;
    for (let count = 0; count < 3; count += 1) expect(await store.accept(draft(), { limits })).toMatchObject({ kind: 'accepted' });
    expect(await store.accept(draft(), { limits })).toEqual({ kind: 'limited', scope: 'source', retryAt: clock.now() + HOUR_MS });
    const others = [{ ...limits[0], key: 'somebody-else' }];
    expect(await store.accept(draft(), { limits: others })).toMatchObject({ kind: 'accepted' });
  });

  define('S23', 'a burst at once never passes a window', async ({ store, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 7, perMs: HOUR_MS }] }] as const;
    const results = await Promise.all(Array.from({ length: 60 }, () => store.accept(draft(), { limits })));
    expect(results.filter(({ kind }) => kind === 'accepted')).toHaveLength(7);
  });

  define('S24', 'what one limit refuses is not counted by another', async ({ store, clock, draft }) => {
    const windows = [{ max: 1, perMs: HOUR_MS }];
    const number = (key: string): Limit => ({ scope: 'number', key, windows });
    const source = (key: string): Limit => ({ scope: 'source', key, windows });
    const ask = (numberKey: string, sourceKey: string) =>
      store.accept(draft({ ...UNHELD, numberKey }), { limits: [number(numberKey), source(sourceKey)] });
    expect(await ask('a', 'x')).toMatchObject({ kind: 'accepted' });
    for (let count = 0; count < 5; count += 1) {
      expect(await ask('b', 'x')).toEqual({ kind: 'limited', scope: 'source', retryAt: clock.now() + HOUR_MS });
      expect(await ask('a', 'y')).toEqual({ kind: 'limited', scope: 'number', retryAt: clock.now() + HOUR_MS });
    }
    expect(await ask('b', 'y')).toMatchObject({ kind: 'accepted' });
  });

  define('S25', 'a repeat is not counted', async ({ store, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
    const first = draft();
    for (let count = 0; count < 10; count += 1) await store.accept(first, { limits });
    expect(await store.accept(draft(), { limits })).toMatchObject({ kind: 'accepted' });
    expect(await store.accept(draft(), { limits })).toMatchObject({ kind: 'limited' });
  });

  define('S26', 'a window of nothing lets nothing through, and no window everything', async ({ store, clock, draft }) => {
    const closed = [{ scope: 'source', key: 'somebody', windows: [{ max: 0, perMs: HOUR_MS }] }] as const;
    expect(await store.accept(draft(), { limits: closed })).toEqual({ kind: 'limited', scope: 'source', retryAt: clock.now() + HOUR_MS });
    expect(await store.accept(draft(), { limits: [{ scope: 'source', key: 'somebody', windows: [] }] })).toMatchObject({
      kind: 'accepted',
    });
  });

  define('S27', 'a clock that was set back opens no window', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'source', key: 'somebody', windows: [{ max: 1, perMs: HOUR_MS }] }] as const;
    const acceptedAt = clock.now();
    await store.accept(draft(), { limits });
    clock.set(acceptedAt - 10 * MINUTE_MS);
    expect(await store.accept(draft(), { limits })).toEqual({ kind: 'limited', scope: 'source', retryAt: acceptedAt + HOUR_MS });
  });

  define('S28', 'a hold that changes takes nothing out of a longer window', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 1, perMs: 24 * HOUR_MS }] }] as const;
    const first = draft({ numberKey: 'same' });
    const acceptedAt = clock.now();
    await store.accept(first, { limits });
    await store.amend(first.id, (call) => ({ heldUntil: call.heldUntil + HOUR_MS }));
    clock.set(acceptedAt + 2 * HOUR_MS);
    for (let count = 0; count < 70; count += 1) await store.accept(draft(), { limits: [] });
    const refused = { kind: 'limited', scope: 'number', retryAt: acceptedAt + first.dialWithinMs + 24 * HOUR_MS };
    expect(await store.accept(draft({ numberKey: 'same' }), { limits })).toEqual(refused);
  });

  define('S29', 'any run of requests is judged as a plain list of acceptances would judge it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(REQUEST, { maxLength: 120 }), (requests) => judgeLikeAList(open, requests)),
      { numRuns: 25 },
    );
  });

  define('S140', 'a call at a slot counts when its telephone may ring, not when it was asked for', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
    const ask = (scheduledFor?: number) =>
      store.accept(draft({ numberKey: 'same', scheduledFor, dialWithinMs: MINUTE_MS, holdMs: 0 }), { limits });
    const slot = clock.now() + 25 * HOUR_MS;
    expect(await ask(slot)).toMatchObject({ kind: 'accepted', room: [{ remaining: 1, resetAt: slot + MINUTE_MS + HOUR_MS }] });
    clock.set(slot + MINUTE_MS);
    expect(await ask()).toMatchObject({ kind: 'accepted', room: [{ remaining: 0, resetAt: slot + MINUTE_MS + HOUR_MS }] });
    clock.set(slot + 2 * MINUTE_MS);
    const retryAt = slot + MINUTE_MS + HOUR_MS;
    expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt });
    // Nor is a slot inside the window a way round it; one behind the window is free.
    expect(await ask(retryAt - 1)).toEqual({ kind: 'limited', scope: 'number', retryAt });
    expect(await ask(retryAt)).toMatchObject({ kind: 'accepted' });
  });

  define('S141', 'a call that waits for its turn counts to its deadline, and from its dial once that is past', async (given) => {
    const { store, clock, draft } = given;
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 1, perMs: HOUR_MS }] }] as const;
    const start = clock.now();
    const ask = () => store.accept(draft({ numberKey: 'same', dialWithinMs: 2 * MINUTE_MS, holdMs: 0 }), { limits });
    await ask();
    clock.set(start + MINUTE_MS);
    const { taken } = await takeOne(store, (_, now) => ({ state: 'dialing', dueAt: now + 20_000 }));
    await store.amend(taken.id, () => ({ heldUntil: start }));
    expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt: start + 2 * MINUTE_MS + HOUR_MS });
    clock.set(start + MINUTE_MS + 1);
    await store.settle(taken.id, taken.fence, { state: 'placed' });
    const retryAt = clock.now() + HOUR_MS;
    expect(await ask()).toEqual({ kind: 'limited', scope: 'number', retryAt });
    clock.set(retryAt);
    expect(await ask()).toMatchObject({ kind: 'accepted' });
  });

  define('S142', 'slots that were taken back keep nobody waiting until they would have come', async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: [{ max: 3, perMs: HOUR_MS }] }] as const;
    const start = clock.now();
    for (let count = 0; count < 3; count += 1) {
      const asked = draft({ numberKey: 'same', scheduledFor: start + 100 * HOUR_MS });
      expect(await store.accept(asked, { limits })).toMatchObject({ kind: 'accepted' });
      await store.amend(asked.id, (_, now) => ({ state: 'cancelled', heldUntil: now }));
    }
    expect(await store.accept(draft({ numberKey: 'same' }), { limits })).toEqual({
      kind: 'limited',
      scope: 'number',
      retryAt: start + HOUR_MS,
    });
  });

  define('S143', 'whenever telephones ring within what they may, none rings more often than its windows allow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(RINGING, { maxLength: 80 }), (requests) => ringWithinWindows(open, requests)),
      { numRuns: 40 },
    );
  });
}

interface Ringing {
  waitMs: number;
  aheadMs: number;
  withinMs: number;
  /** Where in the time that it has the call is dialled; undefined: it is taken back instead. */
  share: number | undefined;
}

const RINGING = fc.record<Ringing>({
  waitMs: fc.nat({ max: 9 }),
  aheadMs: fc.constantFrom(0, 0, 0, 4, 15, 40),
  withinMs: fc.constantFrom(1, 3, 12),
  share: fc.option(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { nil: undefined, freq: 3 }),
});

/** One number. The truth is when its telephone rang. */
function ringWithinWindows(open: OpenStore, requests: readonly Ringing[]): Promise<void> {
  return withStore(open, async ({ store, clock, draft }) => {
    const limits = [{ scope: 'number', key: 'same', windows: WINDOWS.number }] as const;
    const rung: number[] = [];
    let waiting: { id: string; at: number; share: number | undefined } | undefined;
    /** Lets the time pass; what is to be dialled, or taken back, meanwhile is. */
    const passTo = async (until: number) => {
      if (waiting !== undefined && waiting.at <= until) {
        const { id, at, share } = waiting;
        waiting = undefined;
        clock.set(at);
        if (share !== undefined) rung.push(at);
        if (share === undefined) await store.amend(id, (_, now) => ({ state: 'cancelled', heldUntil: now, dueStep: undefined }));
        else {
          await store.amend(id, (_, now) => ({ state: 'dialing', dueAt: now + 1 }));
          await store.amend(id, (_, now) => ({ state: 'placed', heldUntil: now, dueStep: undefined }));
        }
      }
      clock.set(until);
    };
    for (const { waitMs, aheadMs, withinMs, share } of requests) {
      await passTo(clock.now() + waitMs);
      const now = clock.now();
      const asked = draft({
        numberKey: 'same',
        ...(aheadMs > 0 && { scheduledFor: now + aheadMs }),
        dialWithinMs: withinMs,
        holdMs: 1,
      });
      const result = await store.accept(asked, { limits });
      if (result.kind === 'accepted')
        waiting = { id: asked.id, share, at: share === undefined ? now : now + aheadMs + Math.floor(share * withinMs) };
      // What a refusal promises is kept, once the telephone that may still ring has rung.
      if (result.kind === 'limited' && result.scope === 'number' && aheadMs === 0) {
        const retry = draft({ numberKey: 'same', dialWithinMs: 1, holdMs: 0 });
        await passTo(result.retryAt - 1);
        expect(await store.accept(retry, { limits })).toEqual(result);
        await passTo(result.retryAt);
        expect(await store.accept(retry, { limits })).toMatchObject({ kind: 'accepted' });
        waiting = { id: retry.id, share: 0, at: result.retryAt };
      }
    }
    await passTo(clock.now() + 100);
    for (const { max, perMs } of WINDOWS.number)
      for (const from of rung) expect(rung.filter((at) => at >= from && at < from + perMs).length).toBeLessThanOrEqual(max);
  });
}

const WINDOWS: Record<'number' | 'source', readonly Window[]> = {
  number: [
    { max: 2, perMs: 10 },
    { max: 3, perMs: 25 },
  ],
  source: [
    { max: 4, perMs: 12 },
    { max: 6, perMs: 40 },
  ],
};

interface Request {
  waitMs: number;
  number: string;
  source: string;
  holdMs: number;
}

const REQUEST = fc.record<Request>({
  waitMs: fc.nat({ max: 9 }),
  number: fc.constantFrom('a', 'b', 'c'),
  source: fc.constantFrom('x', 'y'),
  holdMs: fc.constantFrom(0, 0, 3, 30),
});

function judgeLikeAList(open: OpenStore, requests: readonly Request[]): Promise<void> {
  return withStore(open, async ({ store, clock, draft }) => {
    const accepted: { at: number; heldUntil: number; request: Request }[] = [];

    const hasRoom = (at: number, scope: 'number' | 'source', key: string) =>
      WINDOWS[scope].every(
        ({ max, perMs }) => accepted.filter((past) => past.request[scope] === key && past.at > at - perMs && past.at <= at).length < max,
      );
    const judge = (request: Request): AcceptResult['kind'] | object => {
      const now = clock.now();
      const heldUntil = Math.max(0, ...accepted.filter((past) => past.request.number === request.number).map((past) => past.heldUntil));
      if (heldUntil > now) return { kind: 'limited', scope: 'number_active', retryAt: heldUntil };
      for (const scope of ['number', 'source'] as const) {
        let retryAt = now;
        while (!hasRoom(retryAt, scope, request[scope])) retryAt += 1;
        if (retryAt > now) return { kind: 'limited', scope, retryAt };
      }
      accepted.push({ at: now, heldUntil: now + request.holdMs, request });
      return 'accepted';
    };

    for (const request of requests) {
      clock.set(clock.now() + request.waitMs);
      const limits = (['number', 'source'] as const).map((scope) => ({
        scope,
        key: `${scope}-${request[scope]}`,
        windows: WINDOWS[scope],
      }));
      const result = await store.accept(draft({ numberKey: `number-${request.number}`, dialWithinMs: 0, holdMs: request.holdMs }), {
        limits,
      });
      expect(result.kind === 'accepted' ? result.kind : result).toEqual(judge(request));
    }
  });
}
