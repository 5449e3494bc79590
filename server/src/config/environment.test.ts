import { expect, test } from 'vitest';
import { findUnknownVariables, readVariable } from './environment.ts';

const KNOWN = new Set(['RINGBACK_CONFIG', 'RINGBACK_COUNTRY', 'RINGBACK_COUNTRIES', 'RINGBACK_ORIGINS', 'BITRIX24_LINE', 'HOST', 'PORT']);

test('white space around a value is not part of it, and nothing is not set', () => {
  const env = { A: ' x \n', B: '', C: ' \t\n', D: undefined };
  expect(['A', 'B', 'C', 'D', 'E', 'toString', '__proto__'].map((name) => readVariable(env, name))).toEqual([
    'x',
    ...Array.from({ length: 6 }, () => undefined),
  ]);
});

test.each([
  ['RINGBACK_ORIGIN', 'RINGBACK_ORIGINS'],
  ['RINGBACK_ORGIINS', 'RINGBACK_ORIGINS'],
  ['RINGBACK_CONTRY', 'RINGBACK_COUNTRY'],
  ['ringback_country', 'RINGBACK_COUNTRY'],
  ['BITRIX24_LINES', 'BITRIX24_LINE'],
  ['RINGBACK_PORT', 'PORT'],
  ['RINGBACK_HOST', 'HOST'],
])('%s is taken for a misspelt %s', (given, meant) => {
  expect(findUnknownVariables({ [given]: 'x' }, KNOWN)).toEqual([
    { setting: given, message: `There is no such setting. Did you mean ${meant}?` },
  ]);
});

test('a variable that is near to nothing is told where the settings are', () => {
  expect(findUnknownVariables({ BITRIX24_CLIENT_SECRET: 'x' }, KNOWN)).toEqual([
    {
      setting: 'BITRIX24_CLIENT_SECRET',
      message: 'There is no such setting. Remove it; the settings are listed in docs/configuration.md.',
    },
  ]);
});

test('a name that could play with the terminal is not printed', () => {
  const [fault] = findUnknownVariables({ 'RINGBACK_\u001B[31m': 'x' }, KNOWN);
  expect(fault?.setting).toBe('(a name that cannot be shown)');
});

test('the variables of others are not ours to judge', () => {
  const env = {
    PATH: '/bin',
    RINGBACK_CHROMIUM: '/usr/bin/chromium',
    RINGBACK_UNSET: undefined,
    RINGBACK_EMPTY: '',
    // What Kubernetes sets beside services called `ringback` and `ringback-relay`.
    RINGBACK_SERVICE_HOST: '10.0.0.1',
    RINGBACK_SERVICE_PORT: '8787',
    RINGBACK_SERVICE_PORT_HTTP: '8787',
    RINGBACK_PORT: 'tcp://10.0.0.1:8787',
    RINGBACK_PORT_8787_TCP: 'tcp://10.0.0.1:8787',
    RINGBACK_PORT_8787_TCP_PROTO: 'tcp',
    RINGBACK_PORT_8787_TCP_PORT: '8787',
    RINGBACK_PORT_8787_TCP_ADDR: '10.0.0.1',
    RINGBACK_RELAY_PORT: 'tcp://10.0.0.1:8787',
  };
  expect(findUnknownVariables(env, KNOWN)).toEqual([]);
});
