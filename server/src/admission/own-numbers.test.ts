import { expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import { numberReader } from './number-policy.ts';
import { ownNumbersOf } from './own-numbers.ts';

const moscow = exampleSite({ key: 'moscow', country: 'RU' });
const kindOf = (typed: string, site = moscow) => numberReader([site])(typed, undefined, site).kind;

test.each([
  ['a telephone of the team, as it is dialled at home', '8 916 123-45-67', { telphin: { srcNum: ['101', '89161234567'] } }],
  ['the same with the country’s code', '8 916 123-45-67', { telphin: { srcNum: ['79161234567'] } }],
  ['the same without any prefix', '8 916 123-45-67', { telphin: { srcNum: ['9161234567'] } }],
  ['whom calls are handed to', '+7 495 123-45-67', { telphin: { transferAfterDstHangup: '84951234567' } }],
  ['a line whose id is its number', '+7 495 123-45-67', { line: '84951234567' }],
  ['the line of a portal’s form', '+7 495 123-45-67', { bridge: { portal: 'crm', externalLine: '+74951234567', userId: 1 } }],
])('%s', (_, typed, changes) => {
  expect(kindOf(typed)).toBe('number');
  expect(kindOf(typed, { ...moscow, ...changes })).toBe('refused');
});

test('no site calls what is another’s', () => {
  const shop = exampleSite();
  const garage = exampleSite({ key: 'garage', line: '4930123999', phone: '+4930123456', ownNumbers: ['+4930123457'] });
  const read = numberReader([shop, garage]);
  for (const typed of ['030 123456', '030 123457', '030 123999']) {
    expect(numberReader([shop])(typed, undefined, shop).kind).toBe('number');
    expect(read(typed, undefined, shop).kind).toBe('refused');
  }
  expect(read('030 123458', undefined, shop).kind).toBe('number');
});

test('names of lines and short numbers are no numbers', () => {
  const office = exampleSite({ line: 'reg1332', telphin: { srcNum: ['101', '112'], callerIdNumber: '0' } });
  expect([...ownNumbersOf([office])]).toEqual([]);
});
