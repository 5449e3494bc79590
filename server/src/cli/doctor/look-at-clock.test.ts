import { expect, test } from 'vitest';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { clockWatch } from './look-at-clock.ts';

async function lookWhere(serverIsAheadMs: number | undefined) {
  const clock = fakeClock();
  const answer = async () => {
    const headers = serverIsAheadMs === undefined ? {} : { date: new Date(clock.now() + serverIsAheadMs).toUTCString() };
    return new Response('', { headers });
  };
  const watch = clockWatch(answer, clock);
  await watch.fetch('https://portal.example/rest/1/s3cr3t/scope');
  return watch.look().map(({ level, message }) => [level, message]);
}

test('a minute is no difference, more is, and which way is said; the address that was asked is not', async () => {
  expect(await lookWhere(undefined)).toEqual([['note', expect.stringContaining('NTP')]]);
  for (const well of [0, 58_000, -58_000]) expect(await lookWhere(well)).toEqual([['ok', expect.any(String)]]);
  const [[level, behind]] = (await lookWhere(90_000)) as [[string, string]];
  expect(level).toBe('problem');
  expect(behind).toMatch(/(?:89|90|91) s behind that of portal\.example\./);
  expect(behind).not.toContain('s3cr3t');
  expect(await lookWhere(-90_000)).toEqual([['problem', expect.stringContaining('ahead of')]]);
});
