import { expect, test } from 'vitest';
import type { Config } from './config.ts';
import { findFixedChanges } from './fixed-settings.ts';
import { readConfig } from './read-config.ts';

const PORTAL = {
  BITRIX24_WEBHOOK_URL: 'https://acme.bitrix24.com/rest/1/c4n4rys3cr3t/',
  BITRIX24_LINE: 'reg1332',
  RINGBACK_ORIGINS: 'https://www.example.com',
};
const SECRET = 'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=';

function read(env: Record<string, string>): Config {
  const reading = readConfig({ env, readFile: () => '' });
  if (!reading.ok) throw new Error('The test has a fault.');
  return reading.config;
}

test.each<[Record<string, string>, string]>([
  [{ HOST: '127.0.0.1' }, 'host'],
  [{ PORT: '1' }, 'port'],
  [{ RINGBACK_STORE: 'sqlite:./other.db' }, 'store'],
  [{ RINGBACK_SECRET: SECRET }, 'secret'],
  [{ RINGBACK_PREVIOUS_SECRETS: SECRET }, 'previousSecrets'],
])('%j waits for a restart', (change, setting) => {
  const faults = findFixedChanges(read(PORTAL), read({ ...PORTAL, ...change }));
  expect(faults).toEqual([{ setting, message: expect.stringContaining('start the relay anew') }]);
  expect(JSON.stringify(faults)).not.toContain(SECRET);
});

test('between demo and portal lies a restart, and so does another line of the demo', () => {
  expect(findFixedChanges(read({ HOST: '::' }), read({ ...PORTAL, HOST: '::' })).map(({ setting }) => setting)).toEqual(['providers']);
  const demo = read({});
  const site = demo.sites.get('default');
  if (site === undefined) throw new Error('The demo has lost its site.');
  const moved = { ...demo, sites: new Map([['default', { ...site, line: 'reg1' }]]) };
  expect(findFixedChanges(demo, moved).map(({ setting }) => setting)).toEqual(['sites.default.line']);
});

test('all else is taken on while the relay runs', () => {
  const next = { RINGBACK_PAUSED: 'true', RINGBACK_ORIGINS: 'https://b.example', BITRIX24_LINE: 'reg1', RINGBACK_TRUST_PROXY: '1' };
  const account = { BITRIX24_WEBHOOK_URL: 'https://acme.bitrix24.com/rest/2/an0thers3cr3t/' };
  expect(findFixedChanges(read(PORTAL), read({ ...PORTAL, ...next, ...account }))).toEqual([]);
  expect(findFixedChanges(read({ ...PORTAL, RINGBACK_SECRET: SECRET }), read({ ...PORTAL, RINGBACK_SECRET: SECRET }))).toEqual([]);
});
