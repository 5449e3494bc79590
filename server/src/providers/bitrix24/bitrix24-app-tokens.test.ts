import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { type AppAtPortal, type AppAtPortalOptions, appAtPortal, INSTALL_ADDRESS, RECORD_KEY } from '../../simulators/app-at-portal.ts';
import type { FakeClock } from '../../simulators/fake-clock.ts';
import type { Credentials } from '../credentials.ts';
import type { DialOrder, Outcome } from '../provider.ts';
import type { Bitrix24App } from './bitrix24-app.ts';

const DIAL = 'voximplant.callback.start';

function orderTo(index: number): DialOrder {
  return { line: 'reg151083', number: `+49151234500${String(index).padStart(2, '0')}`, announcement: 'A visitor asks for a call.' };
}

async function installed(options: AppAtPortalOptions = {}): Promise<AppAtPortal> {
  const rig = appAtPortal({ portal: { burst: 1_000 }, ...options });
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  return rig;
}

/** Exchanges since the installation's own. */
function renewals({ world }: AppAtPortal) {
  return world.oauth.exchanges.slice(1).map(({ outcome }) => outcome);
}

function dialAll(apps: readonly Bitrix24App[], count: number): Promise<Outcome[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => apps[index % apps.length]?.provider.dial(orderTo(index)))).then((all) =>
    all.filter((outcome) => outcome !== undefined),
  );
}

/** Until the work is done, time goes on. */
async function withTime<T>(clock: FakeClock, work: Promise<T>, limitMs = 60_000): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  for (let passed = 0; !isDone && passed < limitMs; passed += 250) await clock.advance(250);
  return done;
}

test('a good token is used as it is, and nobody asks the authorisation server', async () => {
  const rig = await installed();
  expect(await rig.app.provider.dial(orderTo(0))).toMatchObject({ kind: 'placed' });
  expect(renewals(rig)).toEqual([]);
  const asked = rig.world.portal.requests.find(({ method }) => method === DIAL);
  expect(asked?.identity.kind).toBe('oauth');
});

test('50 dials with an expired token: one renewal, and everybody is rung once', async () => {
  const rig = await installed();
  rig.world.oauth.expireAll();
  const outcomes = await withTime(rig.clock, dialAll([rig.app], 50));
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, () => 'placed'));
  expect(renewals(rig)).toEqual(['granted']);
  const rung = rig.world.portal.telephones.dials.map(({ number }) => number);
  expect(new Set(rung).size).toBe(50);
  expect(rung).toHaveLength(50);
});

test('two keepers over one database: one renewal, and everybody is rung once', async () => {
  const rig = await installed();
  const second = rig.another();
  rig.world.oauth.expireAll();
  const outcomes = await withTime(rig.clock, dialAll([rig.app, second], 50));
  expect(outcomes.map(({ kind }) => kind)).toEqual(Array.from({ length: 50 }, () => 'placed'));
  expect(renewals(rig)).toEqual(['granted']);
  expect(rig.world.portal.telephones.dials).toHaveLength(50);
});

test('time and again: after every hour one renewal, by whichever comes first', async () => {
  const rig = await installed();
  const second = rig.another();
  for (let hour = 0; hour < 4; hour++) {
    await rig.clock.advance(3_600_000);
    const outcomes = await withTime(rig.clock, dialAll(hour % 2 === 0 ? [rig.app, second] : [second, rig.app], 6));
    expect(outcomes.every(({ kind }) => kind === 'placed')).toBe(true);
  }
  expect(renewals(rig)).toEqual(['granted', 'granted', 'granted', 'granted']);
});

test('the new pair is kept before it is used', async () => {
  const trace: string[] = [];
  const rig = await installed({
    wrap: (credentials) => ({
      ...credentials,
      swap: async (key, version, text) => {
        const isDone = await credentials.swap(key, version, text);
        if (text?.includes('access-3-')) trace.push(`kept ${rig.world.portal.requests.filter(({ method }) => method === DIAL).length}`);
        return isDone;
      },
    }),
  });
  // The installation exchanged the first pair for the second, so that the third is the renewed one.
  rig.world.oauth.expireAll();
  trace.length = 0;
  await withTime(rig.clock, rig.app.provider.dial(orderTo(0)));
  const kept = await rig.credentials.read(RECORD_KEY);
  expect(JSON.parse(kept?.text ?? '{}')).toMatchObject({
    state: { kind: 'ready' },
    tokens: { accessToken: expect.stringMatching(/^access-3-/) },
  });
  // After the first question, before the second.
  expect(trace).toEqual(['kept 1']);
});

test('a process that dies between exchange and writing loses the installation, which is said and not hidden', async () => {
  const rig = await installed();
  const doomed = rig.another(diesWhenWriting('access-3-'));
  rig.world.oauth.expireAll();
  const lost = doomed.provider.dial(orderTo(0));
  void lost.catch(() => {});
  await rig.clock.advance(2_000);
  expect(renewals(rig)).toEqual(['granted']);

  // Nobody exchanges anything as long as the dead one might still be at it.
  const waiting = await withTime(rig.clock, rig.app.provider.dial(orderTo(1)), 16_000);
  expect(waiting).toMatchObject({ kind: 'not_sent', fault: { code: 'token_not_renewed', configuration: false } });
  expect(renewals(rig)).toEqual(['granted']);

  await rig.clock.advance(30_000);
  expect(renewals(rig)).toEqual(['granted', 'invalid_grant']);
  const after = await withTime(rig.clock, rig.app.provider.dial(orderTo(2)));
  expect(after).toMatchObject({ kind: 'refused', fault: { code: 'application_dead', configuration: true } });
  expect(rig.app.provider.problemOf('application_dead')).toBe('unavailable');
  expect(rig.log).toContainEqual(expect.objectContaining({ level: 'error', event: 'application.dead' }));
  expect(rig.world.portal.telephones.dials).toEqual([]);

  // The dead are not asked about again, and an installation brings them back.
  expect(renewals(rig)).toHaveLength(2);
  await rig.world.application.install(INSTALL_ADDRESS);
  expect(await rig.app.provider.dial(orderTo(3))).toMatchObject({ kind: 'placed' });
});

test('whoever holds the successor writes it down, however late, even over a verdict of death', async () => {
  let resume = () => {};
  const held = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const rig = await installed();
  const slow = rig.another((credentials) => ({
    ...credentials,
    swap: async (key, version, text) => {
      if (text?.includes('access-3-')) await held;
      return credentials.swap(key, version, text);
    },
  }));
  rig.world.oauth.expireAll();
  const late = slow.provider.dial(orderTo(0));
  await rig.clock.advance(1_000);
  const hasty = rig.app.provider.dial(orderTo(1));
  await rig.clock.advance(40_000);
  expect((await hasty).kind).toBe('not_sent');
  expect(await rig.app.provider.dial(orderTo(2))).toMatchObject({ fault: { code: 'application_dead' } });

  resume();
  await rig.clock.advance(1_000);
  expect((await late).kind).toBe('not_sent');
  expect(await rig.app.provider.dial(orderTo(3))).toMatchObject({ kind: 'placed' });
  expect(rig.world.portal.telephones.dials.map(({ number }) => number)).toEqual([orderTo(3).number]);
});

test('an authorisation server that is out of order costs a try, not the installation', async () => {
  const rig = await installed();
  rig.world.oauth.expireAll();
  rig.world.oauth.trouble({ kind: 'answer', status: 502, body: '<html>Bad gateway</html>', executes: false });
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).toMatchObject({
    kind: 'not_sent',
    fault: { code: 'token_not_renewed' },
  });
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).toMatchObject({ kind: 'placed' });
  expect(renewals(rig)).toEqual(['granted']);
  expect(rig.world.portal.telephones.dials).toHaveLength(1);
});

test('an authorisation server that hangs: the dial is over within 15 s, and nobody was rung', async () => {
  const rig = await installed();
  rig.world.oauth.expireAll();
  rig.world.oauth.trouble({ kind: 'hang', executes: false });
  const outcome = await withTime(rig.clock, rig.app.provider.dial(orderTo(0)), 15_000);
  expect(outcome).toMatchObject({ kind: 'not_sent', fault: { code: 'token_not_renewed' } });
  await rig.clock.advance(5_000);
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).toMatchObject({ kind: 'placed' });
});

test('an answer that was lost on its way has used the token up', async () => {
  const rig = await installed();
  rig.world.oauth.expireAll();
  rig.world.oauth.trouble({ kind: 'break', executes: true });
  expect((await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).kind).toBe('not_sent');
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).toMatchObject({ fault: { code: 'application_dead' } });
});

test('whoever comes back after his lease leaves that of another alone', async () => {
  const rig = await installed();
  let isHeld = false;
  let resume = () => {};
  const held = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const sleeper = rig.another((credentials) => ({
    ...credentials,
    read: async (key) => {
      if (isHeld) await held;
      return credentials.read(key);
    },
    swap: async (key, version, text) => {
      isHeld = true;
      return credentials.swap(key, version, text);
    },
  }));
  rig.world.oauth.expireAll();
  rig.world.oauth.trouble({ kind: 'answer', status: 502, body: '', executes: false });
  rig.world.oauth.trouble({ kind: 'hang', executes: false });
  const slept = sleeper.provider.dial(orderTo(0));
  await rig.clock.advance(21_000);
  const second = rig.app.provider.dial(orderTo(1));
  await rig.clock.advance(1_000);
  const state = async () => JSON.parse((await rig.credentials.read(RECORD_KEY))?.text ?? '{}').state as unknown;
  const lease = await state();
  expect(lease).toMatchObject({ kind: 'renewing' });
  resume();
  await rig.clock.advance(1_000);
  expect(await state()).toEqual(lease);
  await rig.clock.advance(30_000);
  expect([(await slept).kind, (await second).kind]).toEqual(['not_sent', 'not_sent']);
});

test("another tenant's pair is not taken", async () => {
  const rig = await installed();
  rig.world.oauth.expireAll();
  rig.world.oauth.confuseWith('somebodyelse');
  expect((await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).kind).toBe('not_sent');
  const kept = await rig.credentials.read(RECORD_KEY);
  expect(kept?.text).not.toContain('access-3-');
});

test('a store that cannot be read proves that nobody was rung', async () => {
  let isBroken = false;
  const rig = await installed({
    wrap: (credentials) => ({
      ...credentials,
      read: async (key) => {
        if (isBroken) throw new Error('disk');
        return credentials.read(key);
      },
    }),
  });
  isBroken = true;
  expect(await rig.app.provider.dial(orderTo(0))).toMatchObject({ kind: 'not_sent', fault: { code: 'tokens_out_of_reach' } });
});

test('a store that fails while the new pair is written is asked again until it takes it', async () => {
  let failures = 0;
  const rig = await installed({
    wrap: (credentials) => ({
      ...credentials,
      swap: async (key, version, text) => {
        if (text?.includes('access-3-') && failures < 5) {
          failures += 1;
          throw new Error('disk');
        }
        return credentials.swap(key, version, text);
      },
    }),
  });
  rig.world.oauth.expireAll();
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).toMatchObject({ kind: 'placed' });
  expect(failures).toBe(5);
});

test('a store that is away for longer than anybody waits: the new pair is kept in memory, and written down when somebody next needs it', async () => {
  let isAway = false;
  let writes = 0;
  const rig = await installed({
    wrap: (credentials) => ({
      ...credentials,
      swap: async (key, version, text) => {
        if (text?.includes('access-3-')) writes += 1;
        if (isAway && text?.includes('access-3-')) throw new Error('disk');
        return credentials.swap(key, version, text);
      },
    }),
  });
  rig.world.oauth.expireAll();
  isAway = true;
  expect((await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).kind).toBe('not_sent');
  await rig.clock.advance(3_600_000);
  // Another process tries what is written down, and takes its refusal for the end.
  expect((await withTime(rig.clock, rig.another().provider.dial(orderTo(1)))).kind).toBe('refused');
  expect(writes).toBeGreaterThan(1);
  isAway = false;
  expect(await withTime(rig.clock, rig.app.provider.dial(orderTo(2)))).toMatchObject({ kind: 'placed' });
  expect(await rig.another().provider.dial(orderTo(3))).toMatchObject({ kind: 'placed' });
});

test('where nobody dials, the pair is written down all the same', async () => {
  let isAway = true;
  const rig = await installed({
    wrap: (credentials) => ({
      ...credentials,
      swap: async (key, version, text) => {
        if (isAway && text?.includes('access-3-')) throw new Error('disk');
        return credentials.swap(key, version, text);
      },
    }),
  });
  rig.world.oauth.expireAll();
  expect((await withTime(rig.clock, rig.app.provider.dial(orderTo(0)))).kind).toBe('not_sent');
  await rig.clock.advance(60_000);
  isAway = false;
  await rig.app.provider.keepUp?.();
  expect((await rig.credentials.read(RECORD_KEY))?.text).toContain('access-3-');
});

test('what is kept is sealed', async () => {
  const rig = await installed();
  const kept = await rig.store.readCredential(RECORD_KEY);
  expect(kept?.sealed).toBeDefined();
  expect(kept?.sealed).not.toMatch(/access|refresh|bitrix24/);
});

type Step = { kind: 'expire' } | { kind: 'dial'; by: number } | { kind: 'trouble'; hangs: boolean } | { kind: 'wait'; ms: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('expire' as const) }),
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('dial' as const), by: fc.nat(2) }) },
  fc.record({ kind: fc.constant('trouble' as const), hangs: fc.boolean() }),
  fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 25_000 }) }),
);

test('whoever dials whenever, and whatever the authorisation server fails to do: nobody rings twice, no token is spent twice, nothing dies', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 25 }), async (steps) => {
      const rig = appAtPortal({ portal: { burst: 1_000 } });
      await rig.world.application.install(INSTALL_ADDRESS);
      const apps = [rig.app, rig.another(), rig.another()];
      const dialled: Promise<Outcome>[] = [];
      for (const step of steps) {
        if (step.kind === 'expire') rig.world.oauth.expireAll();
        else if (step.kind === 'wait') await rig.clock.advance(step.ms);
        else if (step.kind === 'dial') dialled.push((apps[step.by] ?? rig.app).provider.dial(orderTo(dialled.length)));
        else {
          const trouble = step.hangs ? ({ kind: 'hang' } as const) : ({ kind: 'answer', status: 503, body: '' } as const);
          rig.world.oauth.trouble({ ...trouble, executes: false });
        }
      }
      await rig.clock.advance(60_000);
      const outcomes = await Promise.all(dialled);

      const rung = rig.world.portal.telephones.dials.map(({ number }) => number).sort();
      const placed = outcomes.flatMap(({ kind }, index) => (kind === 'placed' ? [orderTo(index).number] : []));
      expect(rung).toEqual(placed.sort());
      expect(outcomes.every(({ kind }) => kind === 'placed' || kind === 'not_sent')).toBe(true);
      expect(renewals(rig).every((outcome) => outcome === 'granted')).toBe(true);
      rig.close();
    }),
    { numRuns: 60 },
  );
});

/** The process stops for good at the moment when it would write this down. */
function diesWhenWriting(text: string): (credentials: Credentials) => Credentials {
  return (credentials) => ({
    ...credentials,
    swap: (key, version, written) => (written?.includes(text) ? new Promise<never>(() => {}) : credentials.swap(key, version, written)),
  });
}
