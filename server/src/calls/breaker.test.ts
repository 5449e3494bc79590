import { describe, expect, test } from 'vitest';
import { type Breaker, breaker } from './breaker.ts';

const fail = (subject: Breaker, times: number, now = 0) =>
  Array.from({ length: times }, () => subject.note('not_reached', now)).filter((turn) => turn !== undefined);

describe('it opens', () => {
  test('with the fifth failure in a row, and says so once', () => {
    const subject = breaker();
    expect(fail(subject, 4)).toEqual([]);
    expect(subject.barredUntil(0)).toBeUndefined();
    expect(fail(subject, 3)).toEqual(['opened']);
    expect(subject.barredUntil(0)).toBe(30_000);
  });

  test('not where a call got through in between', () => {
    const subject = breaker();
    fail(subject, 4);
    subject.note('reached', 0);
    expect(fail(subject, 4)).toEqual([]);
    expect(fail(subject, 1)).toEqual(['opened']);
  });

  test('where half of the last ten within a minute failed', () => {
    const subject = breaker();
    const turns = Array.from({ length: 10 }, (_, at) => subject.note(at % 2 === 0 ? 'reached' : 'not_reached', at * 1_000));
    expect(turns.filter(Boolean)).toEqual(['opened']);
    expect(turns.at(-1)).toBe('opened');
  });

  test('not where the failures are spread over more than that', () => {
    const subject = breaker();
    for (let at = 0; at < 40; at += 1) expect(subject.note(at % 2 === 0 ? 'reached' : 'not_reached', at * 7_000)).toBeUndefined();
  });
});

describe('while it is open', () => {
  test('it is asked about every half minute, once at a time, and stays open as long as nobody answers', () => {
    const subject = breaker();
    fail(subject, 5);
    expect(subject.startProbe(29_999)).toBe(false);
    expect(subject.startProbe(30_000)).toBe(true);
    expect(subject.startProbe(30_001)).toBe(false);
    expect(subject.barredUntil(31_000)).toBe(32_000);
    expect(subject.probed(false, 35_000)).toBeUndefined();
    expect(subject.startProbe(64_999)).toBe(false);
    expect(subject.startProbe(65_000)).toBe(true);
    expect(subject.probed(true, 65_000)).toBe('closed');
    expect(subject.barredUntil(65_000)).toBeUndefined();
  });

  test('dials that were under way change nothing', () => {
    const subject = breaker();
    fail(subject, 5);
    expect(subject.note('reached', 1)).toBeUndefined();
    expect(subject.note('not_reached', 1)).toBeUndefined();
    expect(subject.barredUntil(1)).toBe(30_000);
  });

  test('a clock that is set back makes nobody wait longer', () => {
    const subject = breaker();
    fail(subject, 5, 600_000);
    expect(subject.barredUntil(0)).toBe(30_000);
    expect(subject.startProbe(30_000)).toBe(true);
  });
});

describe('after an answer the next dial decides', () => {
  function answered(): Breaker {
    const subject = breaker();
    fail(subject, 5);
    subject.startProbe(30_000);
    subject.probed(true, 30_000);
    return subject;
  }

  test('one more failure opens it again', () => {
    expect(answered().note('not_reached', 31_000)).toBe('opened');
  });

  test('a call that gets through closes it for good', () => {
    const subject = answered();
    expect(subject.note('reached', 31_000)).toBeUndefined();
    expect(fail(subject, 4, 32_000)).toEqual([]);
  });
});

test('an answer that nobody waited for changes nothing', () => {
  const subject = breaker();
  expect(subject.probed(true, 0)).toBeUndefined();
  expect(subject.startProbe(0)).toBe(false);
});
