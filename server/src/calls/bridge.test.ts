import { expect, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { cardChannelsOf, isOwnCall, siteOfLine } from './bridge.ts';

const site = (key: string, portal: string, externalLine?: string): [string, SiteConfig] => [
  key,
  exampleSite({ key, bridge: { portal, externalLine, userId: 1 } }),
];

const SITES = new Map([
  ['plain', exampleSite({ key: 'plain' })],
  site('all', 'crm'),
  site('berlin', 'crm', '+49 30 123-456'),
  site('paris', 'crm', '33144556677'),
  site('other', 'second', '4930123456'),
]);

const keyOf = (account: string, line: string | undefined) => siteOfLine(account, line, SITES)?.key;

test('a named line goes to its site, however it is written; every other to the site that takes all', () => {
  expect(keyOf('crm', '4930123456')).toBe('berlin');
  expect(keyOf('crm', '+33 1 44 55 66 77')).toBe('paris');
  expect(keyOf('crm', '4940123456')).toBe('all');
  expect(keyOf('crm', undefined)).toBe('all');
});

test('another account’s lines are not ours, and where no site takes all there is none', () => {
  expect(keyOf('second', '4930123456')).toBe('other');
  expect(keyOf('second', '33144556677')).toBeUndefined();
  expect(keyOf('second', undefined)).toBeUndefined();
  expect(keyOf('third', '4930123456')).toBeUndefined();
});

test('calls of a bridged site are written down in its portal, unless that has dialled them itself', () => {
  const [channel = ''] = cardChannelsOf(exampleSite({ bridge: { portal: 'crm', externalLine: undefined, userId: 1 } }));
  expect(channel).toBe('bridge:crm');
  expect(cardChannelsOf(exampleSite())).toEqual([]);
  expect(isOwnCall(channel, 'crm')).toBe(true);
  expect(isOwnCall(channel, 'telphin')).toBe(false);
  expect(isOwnCall(channel, undefined)).toBe(false);
});
