import { expect, test } from 'vitest';
import { fakeClock } from './fake-clock.ts';

test('timers run in order of time, each at its own time, and work they set off is done before the next', async () => {
  const clock = fakeClock(1_000);
  const seen: string[] = [];
  const note = (name: string) => seen.push(`${name}@${clock.now()}`);
  clock.after(30, () => note('late'));
  clock.after(10, async () => {
    note('early');
    await new Promise((resolve) => setImmediate(resolve));
    note('early, after a turn');
    clock.after(5, () => note('set on the way'));
  });
  await clock.advance(100);
  expect(seen).toEqual(['early@1010', 'early, after a turn@1010', 'set on the way@1015', 'late@1030']);
  expect(clock.now()).toBe(1_100);
});

test('a timer that was called off does not run, and one that is not due waits', async () => {
  const clock = fakeClock(0);
  let runs = 0;
  const cancel = clock.after(10, () => {
    runs += 1;
  });
  clock.after(11, () => {
    runs += 10;
  });
  cancel();
  await clock.advance(10);
  expect(runs).toBe(0);
  expect(clock.nextTimerAt()).toBe(11);
  await clock.advance(1);
  expect(runs).toBe(10);
});
