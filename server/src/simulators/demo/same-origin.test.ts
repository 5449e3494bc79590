import { expect, test } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

const HOST = { Host: '127.0.0.1:8787' };

test.each([
  ['the browser says same-origin', { ...HOST, 'Sec-Fetch-Site': 'same-origin' }, true],
  ['the browser says same-site', { ...HOST, 'Sec-Fetch-Site': 'same-site', Origin: 'http://127.0.0.1:8787' }, false],
  ['the browser says cross-site', { ...HOST, 'Sec-Fetch-Site': 'cross-site' }, false],
  ['an address typed by hand', { ...HOST, 'Sec-Fetch-Site': 'none' }, false],
  ['an older browser on the page', { ...HOST, Origin: 'http://127.0.0.1:8787' }, true],
  ['an older browser on another port', { ...HOST, Origin: 'http://127.0.0.1:3000' }, false],
  ['a sandboxed page', { ...HOST, Origin: 'null' }, false],
  ['neither header', HOST, false],
])('%s', (_, headers, expected) => {
  expect(isSameOrigin(new Headers(headers))).toBe(expected);
});
