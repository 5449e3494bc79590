import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROBLEMS } from '../../contract/problems.ts';
import { CARD_ERRORS } from '../../simulators/bitrix24/portal-card-errors.ts';
import { PORTAL_ERRORS } from '../../simulators/bitrix24/portal-errors.ts';
import { FAULT_RULES, judgeError, problemOf } from './bitrix24-faults.ts';

const documented = Object.entries({ ...PORTAL_ERRORS, ...CARD_ERRORS });

test('every rule is met by a documented error, and by one that the simulated portal can give', () => {
  const met = new Set(documented.map(([, { status, error, description }]) => judgeError(status, error, description).fault));
  expect(FAULT_RULES.filter(({ fault }) => !met.has(fault)).map(({ error }) => error)).toEqual([]);
});

test('no documented error is left to the status alone', () => {
  const listed = new Set(FAULT_RULES.map(({ fault }) => fault));
  expect(documented.filter(([, { status, error, description }]) => !listed.has(judgeError(status, error, description).fault))).toEqual([]);
});

test('spelling of code and description does not matter, nor what follows the beginning', () => {
  for (const [, { status, error, description }] of documented) {
    const expected = judgeError(status, error, description);
    expect(judgeError(status, error.toLowerCase(), description.toUpperCase())).toEqual(expected);
    expect(judgeError(status, ` ${error.toUpperCase()}\n`, `  ${description}, and more`)).toEqual(expected);
  }
});

test('a documented code counts for more than the status it comes with', () => {
  for (const status of [200, 400, 401, 403, 500, 503]) {
    expect(judgeError(status, 'INVALID_CREDENTIALS', '').fault.code).toBe('credentials_refused');
    expect(judgeError(status, 'QUERY_LIMIT_EXCEEDED', '').kind).toBe('not_sent');
    expect(judgeError(status, 'INTERNAL_SERVER_ERROR', '').kind).toBe('uncertain');
  }
});

test('one code, several meanings: the beginning of the description decides, and there is a meaning for the rest', () => {
  const codeOf = (error: string, description: string) => judgeError(400, error, description).fault.code;
  expect(codeOf('ERROR_CORE', 'could not find line reg1; something else')).toBe('line_unknown');
  expect(codeOf('ERROR_CORE', 'Could not find config for number reg1')).toBe('line_not_configured');
  expect(codeOf('ERROR_CORE', 'Phone number is not correct')).toBe('number_not_accepted');
  expect(codeOf('ERROR_CORE', 'The phone number is not correct')).toBe('telephony_refused');
  expect(codeOf('ERROR_CORE', '')).toBe('telephony_refused');
  expect(codeOf('ACCESS_DENIED', 'REST API is available only by subscription')).toBe('plan_without_rest');
  expect(codeOf('ACCESS_DENIED', 'Доступ запрещён')).toBe('right_missing');
});

test('an unknown error is a refusal only where the status says that the request was at fault', () => {
  expect(judgeError(400, 'NEW_ERROR', '')).toMatchObject({ kind: 'refused', fault: { code: 'refused_otherwise' } });
  expect(judgeError(429, 'NEW_LIMIT', '')).toMatchObject({ kind: 'refused' });
  for (const status of [200, 202, 408, 500, 502, 503, 504]) expect(judgeError(status, 'NEW_ERROR', '').kind).toBe('uncertain');
});

test('only what is documented as turned away before execution may be tried again', () => {
  expect(FAULT_RULES.filter(({ kind }) => kind === 'not_sent').map(({ error }) => error)).toEqual([
    'query_limit_exceeded',
    'operation_time_limit',
  ]);
  fc.assert(
    fc.property(fc.integer({ min: 200, max: 599 }), fc.string(), fc.string(), (status, error, description) => {
      const { kind } = judgeError(status, error, description);
      return kind !== 'not_sent' || /query_limit_exceeded|operation_time_limit/i.test(error);
    }),
  );
});

test('nothing that the portal writes comes through', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.constantFrom(...documented),
      fc.uuid(),
      (status, [, { error, description }], word) => {
        const shown = JSON.stringify([judgeError(status, error, `${description} ${word}`), judgeError(status, word, word)]);
        return !shown.includes(word);
      },
    ),
  );
});

test('every fault can be acted on and told: a code, a sentence, a problem of the contract', () => {
  for (const { fault } of FAULT_RULES) {
    expect(fault.code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(fault.message).toMatch(/^[A-Z].{20,}\.$/);
    expect(PROBLEMS[fault.problem]).toBeDefined();
    expect(problemOf(fault.code)).toBe(fault.problem);
  }
  expect(problemOf('refused_otherwise')).toBe('unavailable');
  expect(problemOf('portal_moved')).toBe('unavailable');
  expect(problemOf('deadline_passed')).toBeUndefined();
});
