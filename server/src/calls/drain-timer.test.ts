import { beforeEach, expect, test } from 'vitest';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import type { Store } from '../store/store.ts';
import { drainTimer } from './drain-timer.ts';

let clock: FakeClock;
let dueAt: number | undefined;
let looks: number[];
let failing: boolean;

beforeEach(() => {
  clock = fakeClock(0);
  dueAt = undefined;
  looks = [];
  failing = false;
});

function timer() {
  const begin = async () => {
    looks.push(clock.now());
    if (failing) throw new Error('store');
    if (dueAt !== undefined && dueAt <= clock.now()) dueAt = undefined;
  };
  return drainTimer({ begin, store: { nextDueAt: async () => dueAt } as Store, clock, log: () => {} });
}

test('looks at once when woken, then when something is due', async () => {
  dueAt = 700;
  timer().wake();
  await clock.advance(1_000);
  expect(looks).toEqual([0, 700]);
});

test('looks every five seconds even when nothing is known to be due', async () => {
  timer().wake();
  await clock.advance(10_000);
  expect(looks).toEqual([0, 5_000, 10_000]);
});

test('does not spin while what is due has to wait for room', async () => {
  const begin = async () => void looks.push(clock.now());
  drainTimer({ begin, store: { nextDueAt: async () => 0 } as Store, clock, log: () => {} }).wake();
  await clock.advance(1_000);
  expect(looks).toHaveLength(11);
});

test('a wake during a look makes it look once more', async () => {
  const running = timer();
  running.wake();
  running.wake();
  running.wake();
  await clock.advance(0);
  expect(looks).toEqual([0, 0]);
});

test('goes on after a failing store', async () => {
  failing = true;
  timer().wake();
  await clock.advance(5_000);
  expect(looks).toEqual([0, 5_000]);
});

test('stops for good', async () => {
  const running = timer();
  running.wake();
  await clock.advance(0);
  running.stop();
  running.wake();
  await clock.advance(60_000);
  expect(looks).toEqual([0]);
});
