import { expect, test } from 'vitest';
import {
  findEventTokenFault,
  findHostFault,
  findPageHostFault,
  findRangeFault,
  findRelaySecretFault,
  findStoreFault,
} from './relay-values.ts';

test.each(['127.0.0.1', '0.0.0.0', '::', '::1', 'localhost', 'relay.internal', 'relay-1'])('listens on %s', (text) => {
  expect(findHostFault(text)).toBeUndefined();
});

test.each(['', 'http://localhost', 'localhost:8787', '127.0.0.1:8787', '[::1]', '256.0.0.1', '127.1', 'a b', '-x', '0'])(
  'does not listen on %j',
  (text) => {
    expect(findHostFault(text)).toContain('without scheme and port');
  },
);

test.each(['sqlite:./data/ringback.db', 'sqlite:/var/lib/ringback.db', 'sqlite:ringback.db', 'sqlite::memory:'])(
  '%s is a store',
  (text) => {
    expect(findStoreFault(text)).toBeUndefined();
  },
);

test.each([
  ['postgres://relay:canary@db/ringback', 'one kind of store'],
  ['./data/ringback.db', 'one kind of store'],
  ['SQLITE:x.db', 'one kind of store'],
  ['', 'one kind of store'],
  ['sqlite:', 'path is missing'],
  ['sqlite:///var/lib/ringback.db', 'behind the colon'],
  ['sqlite:./data/', 'name a file'],
  ['sqlite:a\u0000b', 'name a file'],
])('store %j: %s', (text, said) => {
  const fault = findStoreFault(text);
  expect(fault).toContain(said);
  expect(fault).not.toContain('canary');
});

test.each(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32', '2001:db8::1', '10.1.2.3/32'])('%s can be trusted', (text) => {
  expect(findRangeFault(text)).toBeUndefined();
});

test.each([
  ['10.0.0.0/33', 'CIDR'],
  ['10.0.0/8', 'CIDR'],
  ['10', 'CIDR'],
  ['127.1', 'CIDR'],
  ['0x7f.0.0.1', 'CIDR'],
  ['proxy.internal', 'CIDR'],
  ['fe80::1%eth0', 'CIDR'],
  ['fe80::%eth0/64', 'CIDR'],
  ['2001:db8::/129', 'CIDR'],
  ['', 'CIDR'],
  ['0.0.0.0/0', 'everybody'],
  ['::/0', 'everybody'],
  ['::ffff:10.0.0.0/104', 'as such'],
])('range %j: %s', (text, said) => {
  expect(findRangeFault(text)).toContain(said);
});

test.each([
  'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ=',
  'q8S3v0mZk2b7xN4pLr9tYc1wEa5hUd6fGj0oIi8KsMQ',
  '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
  'correct horse battery staple, but rather longer than that',
])('%s is enough of a secret', (text) => {
  expect(findRelaySecretFault(text)).toBeUndefined();
});

test.each([
  'changeme',
  'q8S3v0mZk2b7xN4pLr9tYc==',
  // Long enough as text, but 24 bytes as hex.
  '0123456789abcdef0123456789abcdef0123456789abcdef',
  'a'.repeat(64),
  'secret'.repeat(20),
])('%s is not', (text) => {
  const fault = findRelaySecretFault(text);
  expect(fault).toContain('openssl rand -base64 32');
  expect(fault).not.toContain(text);
});

test.each([
  ['0123456789abcdef0123456789abcdef', true],
  ['short', false],
  ['two words of it', false],
  ['0123456789\u0000abcdef', false],
])('event token %j: %s', (text, isToken) => {
  expect(findEventTokenFault(text) === undefined).toBe(isToken);
});

test.each(['relay.example.com', 'localhost', '127.0.0.1', 'xn--bcher-kva.example'])('%s is a host as pages have it', (text) => {
  expect(findPageHostFault(text)).toBeUndefined();
});

test.each([
  '',
  'https://relay.example.com',
  'relay.example.com:8443',
  'relay.example.com/',
  'Relay.example.com',
  'bücher.example',
  'a b',
  '*.example.com',
])('%j is no host as pages have it, and is not repeated', (text) => {
  const fault = findPageHostFault(text);
  expect(fault).toMatch(/^Must be the name of the host alone/);
  if (text !== '') expect(fault).not.toContain(text);
});
