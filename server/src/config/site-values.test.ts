import { expect, test } from 'vitest';
import {
  findAnnouncementFault,
  findCountryFault,
  findKeyFault,
  findLabelFault,
  findLinkFault,
  findOriginFault,
  findPhoneFault,
  findProviderIdFault,
} from './site-values.ts';

test.each([
  'https://example.com',
  'https://www.example.com:8443',
  'https://xn--mller-kva.example',
  'https://192.0.2.1',
  'http://localhost:3000',
  'http://shop.localhost',
  'http://127.0.0.1:8080',
  'http://[::1]:8080',
])('%s is an origin', (origin) => {
  expect(findOriginFault(origin)).toBeUndefined();
});

const ALONE = 'Must be the origin alone, as browsers write it.';
const HTTPS = 'Begin with https://.';
const PLAIN = `Plain http is accepted for this machine alone. ${HTTPS}`;
const BEHIND = 'Leave out what stands behind the host, also the slash.';

test.each([
  ['https://c4n4ry.shop.example/', BEHIND, 'https://c4n4ry.shop.example'],
  ['https://c4n4ry.shop.example/contact?a=1#b', BEHIND, 'https://c4n4ry.shop.example'],
  ['https://c4n4ry.shop.example?a', BEHIND, 'https://c4n4ry.shop.example'],
  ['https://c4n4ry.shop.example:443', 'Leave out the usual port.', 'https://c4n4ry.shop.example'],
  ['https://C4N4RY.Shop.example', 'Write the host in small letters.', 'https://c4n4ry.shop.example'],
  ['HTTPS://c4n4ry.shop.example', 'Write https:// in small letters.', 'https://c4n4ry.shop.example'],
  [
    'https://c4n4ry.müller.example',
    'Write the host in the ASCII form that the address bar copies, with xn--.',
    'https://c4n4ry.xn--mller-kva.example',
  ],
  ['https://me:c4n4ry@shop.example', 'Leave out the name and the password.', 'https://shop.example'],
  ['c4n4ry.shop.example', HTTPS, 'https://c4n4ry.shop.example'],
  ['c4n4ry.shop.example:8443', HTTPS, 'https://c4n4ry.shop.example:8443'],
  ['http://c4n4ry.shop.example', PLAIN, 'https://c4n4ry.shop.example'],
  ['http://c4n4ry.shop.example:8080/shop', `${PLAIN} ${BEHIND}`, 'https://c4n4ry.shop.example:8080'],
  ['http://127.0.0.1.c4n4ry.example', PLAIN, 'https://127.0.0.1.c4n4ry.example'],
  ['http://localhost:3000/', BEHIND, 'http://localhost:3000'],
])('%s is not an origin: %s', (text, advice, mended) => {
  expect(findOriginFault(text)).toBe(`${ALONE} ${advice}`);
  expect(findOriginFault(text)).not.toMatch(/c4n4ry/i);
  expect(findOriginFault(mended)).toBeUndefined();
});

test.each([
  '',
  '*',
  'https://*.example.com',
  'null',
  'example',
  'ftp://example.com',
  'javascript:alert(1)',
  'https://',
  'file:///x',
  'data:,x',
])('%j is no origin', (text) => {
  expect(findOriginFault(text)).toBeDefined();
});

test.each([
  ['DE', undefined],
  ['RU', undefined],
  ['XK', undefined],
  ['de', 'write DE'],
  ['UK', 'write GB'],
  ['uk', 'write GB'],
  ['ZZ', 'such as DE'],
  ['DEU', 'such as DE'],
  ['Germany', 'such as DE'],
  ['', 'such as DE'],
  ['constructor', 'such as DE'],
  ['__proto__', 'such as DE'],
])('country %j: %s', (text, said) => {
  const fault = findCountryFault(text);
  if (said === undefined) expect(fault).toBeUndefined();
  else expect(fault).toContain(said);
});

test.each(['+4930123456', '+79161234567', '+442079460958'])('%s is a telephone number', (text) => {
  expect(findPhoneFault(text)).toBeUndefined();
});

test.each(['030 123456', '4930123456', '+49 30 123456', '+49', '+490', '+4401632960001', '+49301234567890123', 'tel:+4930123456', ''])(
  '%j is no telephone number as it is wanted',
  (text) => {
    expect(findPhoneFault(text)).toContain('international form');
  },
);

test.each([
  ['Callback from the shop. Connecting you now.', undefined],
  ['Обратный звонок с сайта', undefined],
  ['x'.repeat(300), undefined],
  ['x'.repeat(301), 'at most 300'],
  ['<break time="9s"/>', '"<"'],
  ['two\nlines', 'one line'],
  ['bell\u0007', 'one line'],
  ['turned \u202Earound', 'one line'],
  ['separated\u2028lines', 'one line'],
  ['   ', 'blank'],
])('announcement %j: %s', (text, said) => {
  const fault = findAnnouncementFault(text);
  if (said === undefined) expect(fault).toBeUndefined();
  else expect(fault).toContain(said);
});

test('the length of a name is told with its bound', () => {
  expect(findLabelFault(80)('y'.repeat(81))).toBe('Must have at most 80 characters; it has 81.');
});

test.each(['reg1332', 'sip12', '4930123456', 'REST_APP:7', 'a'.repeat(64)])('%s is an id of a provider', (text) => {
  expect(findProviderIdFault(text)).toBeUndefined();
});

test.each(['', 'reg 1332', 'reg/1', 'a'.repeat(65), 'регион', 'reg1332\n'])('%j is no id of a provider', (text) => {
  expect(findProviderIdFault(text)).toBeDefined();
});

test.each(['shop', 'shop-fr', '1', 'a'.repeat(64)])('%s is a key', (text) => {
  expect(findKeyFault(text)).toBeUndefined();
});

test.each(['', 'Shop', '-shop', 'shop.fr', 'shop/fr', '__proto__', 'a'.repeat(65), 'shop\n'])('%j is no key', (text) => {
  expect(findKeyFault(text)).toBeDefined();
});

test.each([
  ['https://www.example.com/privacy', true],
  ['http://www.example.com/privacy', false],
  ['/privacy', false],
  ['javascript:alert(1)', false],
  ['https://me:word@www.example.com/', false],
])('%s as a link: %s', (text, isLink) => {
  expect(findLinkFault(text) === undefined).toBe(isLink);
});
