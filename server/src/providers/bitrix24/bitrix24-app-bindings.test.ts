import { expect, onTestFinished, test } from 'vitest';
import { type AppAtPortal, type AppAtPortalOptions, appAtPortal, EVENT_ADDRESS, INSTALL_ADDRESS } from '../../simulators/app-at-portal.ts';
import { RELAY_ORIGIN } from '../../simulators/bitrix24/application-world.ts';
import type { Fault } from '../provider.ts';
import type { Bitrix24App } from './bitrix24-app.ts';
import { BOUND_EVENTS } from './bitrix24-app-bindings.ts';

const MINUTE_MS = 60_000;

async function installed(options: AppAtPortalOptions = {}): Promise<AppAtPortal> {
  const rig = appAtPortal(options);
  onTestFinished(() => rig.close());
  await rig.world.application.install(INSTALL_ADDRESS);
  return rig;
}

/** Lets time pass as a relay does that looks for work all the time; the faults that it is told. */
async function pass({ clock, app }: Pick<AppAtPortal, 'clock' | 'app'>, ms: number): Promise<Fault[]> {
  const faults: Fault[] = [];
  for (const until = clock.now() + ms; clock.now() < until; await clock.advance(Math.min(MINUTE_MS, until - clock.now()))) {
    const fault = await app.provider.keepUp?.();
    if (fault !== undefined) faults.push(fault);
  }
  return faults;
}

const asked = ({ world }: AppAtPortal) => world.portal.requests.filter(({ method }) => method === 'event.get').length;
const bound = ({ world }: AppAtPortal) => world.application.bindings.map(({ event }) => event);

test('events that could not be bound again after an update are bound as soon as the portal lets it', async () => {
  const rig = await installed();
  rig.world.portal.misbehave('event.get', { kind: 'error', name: 'tooManyRequests' }, 3);
  await rig.world.application.update();
  expect(bound(rig)).toEqual([]);
  const faults = await pass(rig, 10 * MINUTE_MS);
  expect(bound(rig)).toEqual(BOUND_EVENTS);
  expect(faults).toMatchObject([{ code: 'events_unbound', configuration: true }, { code: 'events_unbound' }]);
});

test('while they cannot be bound it is tried ever less often, and once an hour in the end', async () => {
  const rig = await installed();
  rig.world.portal.misbehave('event.get', { kind: 'error', name: 'tooManyRequests' }, 1_000);
  await rig.world.application.update();
  const failures = () => rig.log.filter(({ event }) => event === 'application.unbound').length;
  await pass(rig, 2 * 60 * MINUTE_MS);
  expect(failures()).toBe(7);
  await pass(rig, 10 * 60 * MINUTE_MS);
  expect(failures()).toBe(17);
});

test('an update that nobody heard of is found out within a day', async () => {
  const rig = await installed();
  const before = asked(rig);
  await pass(rig, 23 * 60 * MINUTE_MS);
  expect(asked(rig)).toBe(before);
  rig.world.application.forget();
  expect(await pass(rig, 2 * 60 * MINUTE_MS)).toEqual([]);
  expect(bound(rig)).toEqual(BOUND_EVENTS);
  // Once with the token that had expired since.
  expect(asked(rig)).toBe(before + 2);
});

test('of several processes one looks', async () => {
  const rig = await installed();
  const others: Bitrix24App[] = [rig.another(), rig.another()];
  await rig.clock.advance(25 * 60 * MINUTE_MS);
  await rig.app.provider.lines();
  const before = asked(rig);
  await Promise.all([rig.app, ...others].map(({ provider }) => provider.keepUp?.()));
  expect(asked(rig)).toBe(before + 1);
});

test('where the relay takes its events at another path now, they are bound to that, and verified against it', async () => {
  const rig = await installed();
  expect(rig.world.application.handlerOf('ONAPPUPDATE')).toBe(EVENT_ADDRESS);
  const path = '/events/main/an0ther';
  const moved = rig.another(undefined, path);
  expect(await moved.provider.verify('reg151083')).toContainEqual(expect.objectContaining({ code: 'events_unbound' }));
  await pass({ ...rig, app: moved }, MINUTE_MS);
  expect((await moved.provider.verify('reg151083')).filter(({ ok }) => !ok)).toEqual([]);
  const there = rig.world.application.bindings.filter(({ handler }) => handler === RELAY_ORIGIN + path);
  expect(there.map(({ event }) => event)).toEqual(BOUND_EVENTS);
});

test('an application that is not installed, or dead, is left alone', async () => {
  const rig = appAtPortal();
  onTestFinished(() => rig.close());
  expect(await pass(rig, 5 * MINUTE_MS)).toEqual([]);
  expect(rig.world.portal.requests).toEqual([]);
});
