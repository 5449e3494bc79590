import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { issueLimit } from './proof-issue-limit.ts';

const SITE = { site: 'shop' };

test('twenty a minute for one source, and the next minute again', async () => {
  const clock = fakeClock();
  const mayIssue = issueLimit(clock);
  const ask = (address: string | undefined, times: number) =>
    Array.from({ length: times }, () => mayIssue({ ...SITE, address })).filter(Boolean);
  expect(ask('203.0.113.7', 25)).toHaveLength(20);
  expect(ask('203.0.113.8', 25)).toHaveLength(20);
  expect(ask(undefined, 25)).toHaveLength(20);
  await clock.advance(60_000);
  expect(ask('203.0.113.7', 25)).toHaveLength(20);
});

test('addresses of one IPv6 network share it', () => {
  const mayIssue = issueLimit(fakeClock(), { perSource: 2 });
  const asked = Array.from({ length: 30 }, (_, index) => mayIssue({ ...SITE, address: `2001:db8:1:${index.toString(16)}::1` }));
  expect(asked.filter(Boolean)).toHaveLength(4);
  expect(mayIssue({ ...SITE, address: '2001:db8:1:ff00::1' })).toBe(true);
});

test('few who ask for many leave the others their first ones', () => {
  const mayIssue = issueLimit(fakeClock());
  const ask = (address: string, times: number) => Array.from({ length: times }, () => mayIssue({ ...SITE, address })).filter(Boolean);
  for (let at = 0; at < 30; at++) expect(ask(`198.51.100.${at}`, 25)).toHaveLength(20);
  expect(ask('198.51.100.7', 1)).toHaveLength(0);
  expect(ask('203.0.113.7', 25)).toHaveLength(3);
  expect(ask('2001:db8:1:1::1', 25)).toHaveLength(3);
});

test('past that a whole IPv6 /48 is one who has had its first ones', () => {
  const mayIssue = issueLimit(fakeClock(), { commonShare: 0 });
  const asked = Array.from({ length: 500 }, (_, index) => mayIssue({ ...SITE, address: `2001:db8:1:${index.toString(16)}::1` }));
  expect(asked.filter(Boolean)).toHaveLength(12);
});

test('what all challenges together may cost is a ceiling for newcomers too', () => {
  const mayIssue = issueLimit(fakeClock());
  const asked = Array.from({ length: 20_000 }, (_, index) => mayIssue({ ...SITE, address: `10.0.${index >> 8}.${index & 255}` }));
  expect(asked.filter(Boolean)).toHaveLength(6_000);
});

test('all sources together have a limit too, so that neither work nor memory grows with them', () => {
  const mayIssue = issueLimit(fakeClock(), { perProcess: 100 });
  const asked = Array.from({ length: 5_000 }, (_, index) => mayIssue({ ...SITE, address: `10.0.${index >> 8}.${index & 255}` }));
  expect(asked.filter(Boolean)).toHaveLength(100);
});

test('a clock that is set back does not shut the gate', async () => {
  const clock = fakeClock();
  const mayIssue = issueLimit(clock, { perSource: 1 });
  expect(mayIssue({ ...SITE, address: '203.0.113.7' })).toBe(true);
  clock.set(clock.now() - 3_600_000);
  expect(mayIssue({ ...SITE, address: '203.0.113.7' })).toBe(true);
});
