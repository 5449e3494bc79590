import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import { numberReader, type ReadNumber } from './number-policy.ts';

/** As a deployment of this one site reads it. */
const readNumber: ReadNumber = (typed, country, where) => numberReader([where])(typed, country, where);
const site = exampleSite;
const repairs = { key: 'repairs', name: 'Repairs', line: '49301234567', announcement: undefined, hours: undefined };
const everywhere = (country: string) => site({ country, countries: ['RU', 'DE', 'GB', 'US', 'KZ', 'PT', 'BY', 'EE', 'GG', 'FR'] });

describe('spellings of one number', () => {
  test.each([
    '0151 23456789',
    '0151-23456789',
    '+49 151 23456789',
    '+49 (151) 23456789',
    '0049 151 23456789',
    '(0151) 234-567-89',
    '0151.23456789',
    '0151/23456789',
    '  +49 151 23456789 ',
    '+49 151 23456789',
    '＋４９ １５１ ２３４５６７８９',
    '٠١٥١ ٢٣٤٥٦٧٨٩',
  ])('%s', (typed) => {
    expect(readNumber(typed, undefined, site())).toMatchObject({ kind: 'number', e164: '+4915123456789', country: 'DE' });
  });

  test('Russian trunk prefixes fall together', () => {
    for (const typed of ['8 916 123-45-67', '+7 916 1234567', '9161234567', '810 7 916 1234567']) {
      expect(readNumber(typed, 'RU', site({ country: 'RU' }))).toMatchObject({ e164: '+79161234567' });
    }
  });

  test('the display form is the international one', () => {
    expect(readNumber('015123456789', undefined, site())).toMatchObject({ display: '+49 1512 3456789' });
  });
});

describe('what is no number', () => {
  test.each([
    '',
    ' ',
    '112',
    '110',
    '12345',
    'call me',
    '0151 23456789 ext. 5',
    '0151 23456789;ext=5',
    '0151 23456789,,1234#',
    '0151 23456789 x5',
    'tel:+4915123456789',
    'my number is 0151 23456789',
    '+4915123456789@sip.example',
    '*31#015123456789',
    '0151\u000023456789',
    '0151\u200b23456789',
    `0151 23456789${' '.repeat(20)}`,
    '+',
    '+999 123456789',
  ])('%j', (typed) => {
    expect(readNumber(typed, undefined, site())).toEqual({ kind: 'invalid' });
  });

  test('an unknown country', () => {
    expect(readNumber('0151 23456789', 'ZZ', site())).toEqual({ kind: 'invalid' });
  });
});

describe('what is not called', () => {
  test.each([
    ['another country', '+33 6 12 34 56 78', site()],
    ['RU premium 803', '8 803 123-45-67', everywhere('RU')],
    ['RU premium 809', '+7 809 123 45 67', everywhere('RU')],
    ['RU toll free 800', '8 800 555 35 35', everywhere('RU')],
    ['RU toll free 804', '8 804 333 35 35', everywhere('RU')],
    ['RU personal 808', '+7 808 123 45 67', everywhere('RU')],
    ['Abkhazia mobile', '+7 940 771 23 45', everywhere('RU')],
    ['Abkhazia fixed', '+7 840 226 12 34', everywhere('RU')],
    ['RU 954', '+7 954 123 45 67', everywhere('RU')],
    ['RU 970', '+7 970 123 45 67', everywhere('RU')],
    ['RU 971', '+7 971 123 45 67', everywhere('RU')],
    ['DE premium 0900', '0900 1 234567', everywhere('DE')],
    ['DE toll free 0800', '0800 1234567', everywhere('DE')],
    ['DE shared cost 0180', '0180 5 123456', everywhere('DE')],
    ['DE personal 0700', '0700 12345678', everywhere('DE')],
    ['PT UAN 707', '+351 707 123 456', everywhere('PT')],
    ['BY premium 902', '+375 902 123 4567', everywhere('BY')],
    ['EE premium 900', '+372 900 1234', everywhere('EE')],
    ['GB 0845', '0845 46 47 123', everywhere('GB')],
    ['GB 0871', '0871 234 5678', everywhere('GB')],
    ['GB personal 070', '070 1234 5678', everywhere('GB')],
    ['GB pager 076', '07640 123456', everywhere('GB')],
    ['US premium 900', '+1 900 234 5678', everywhere('US')],
    ['US toll free', '+1 800 234 5678', everywhere('US')],
    ['Caribbean on +1', '+1 876 210 1234', everywhere('US')],
    ['Inmarsat', '+870 773 111 632', everywhere('DE')],
    ['Iridium', '+881 6 12345678', everywhere('DE')],
    ['international networks', '+882 16 12345678', everywhere('DE')],
    ['international networks', '+883 5100 12345678', everywhere('DE')],
    ['personal, worldwide', '+878 10 1234567890', everywhere('DE')],
    ['premium, worldwide', '+979 1 12345678', everywhere('DE')],
    ['freephone, worldwide', '+800 12345678', everywhere('DE')],
    ['shared cost, worldwide', '+808 12345678', everywhere('DE')],
    ["the company's own number", '030 1234567', site({ phone: '+49301234567' })],
    ['a rented line', '030 1234567', site({ line: '49301234567' })],
    ['a department’s line', '030 1234567', site({ departments: new Map([['repairs', repairs]]) })],
    [
      'a line that rings when another does not',
      '030 1234567',
      site({ fallbacks: [{ provider: 'spare', line: '49301234567', voice: undefined }] }),
    ],
    ['the telephone of somebody who is rung', '030 1234567', site({ telphin: { srcNum: ['101', '+49301234567'] } })],
    ['a number that visitors are shown', '030 1234567', site({ telphin: { dstAni: '49301234567' } })],
    [
      'the telephone of somebody who is rung at last',
      '030 1234567',
      site({ fallbacks: [{ provider: 'spare', line: '1', voice: undefined, telphin: { srcNum: ['+49301234567'] } }] }),
    ],
    ['a further line', '030 1234567', site({ ownNumbers: ['+49301234566', '+49301234567'] })],
    ['a number that the site blocks', '030 1234567', site({ blocked: ['+49301234567'] })],
    ['a prefix that the site blocks', '030 1234567', site({ blocked: ['+4940', '+4930'] })],
    ['a type that the site leaves out', '030 1234567', site({ types: ['MOBILE'] })],
    ['an Indonesian satellite', '+62 868 1234567', site({ country: 'ID' })],
  ])('%s %s', (_, typed, where) => {
    expect(readNumber(typed, undefined, where).kind).not.toBe('number');
  });

  test('every refusal is the same answer', () => {
    const refused = (e164: string, country: string, display: string) => ({ kind: 'refused', e164, country, display });
    expect(readNumber('+33 6 12 34 56 78', undefined, site())).toEqual(refused('+33612345678', 'FR', '+33 6 12 34 56 78'));
    expect(readNumber('8 809 123-45-67', undefined, everywhere('RU'))).toEqual(refused('+78091234567', 'RU', '+7 809 123 45 67'));
    expect(readNumber('+7 940 771 23 45', undefined, everywhere('RU'))).toEqual(refused('+79407712345', 'RU', '+7 940 771 23 45'));
    expect(readNumber('030 1234567', undefined, site({ phone: '+49301234567' }))).toEqual(refused('+49301234567', 'DE', '+49 30 1234567'));
  });
});

test('internet telephony where it has been allowed', () => {
  const typed = '056 1234 5678';
  expect(readNumber(typed, undefined, site({ country: 'GB' }))).toMatchObject({ kind: 'refused' });
  expect(readNumber(typed, undefined, site({ country: 'GB', types: ['VOIP'] }))).toMatchObject({ kind: 'number', e164: '+445612345678' });
});

test("the deployment's own prefixes are denied too", () => {
  const typed = '0151 23456789';
  expect(numberReader([], ['4915'])(typed, undefined, site())).toMatchObject({ kind: 'refused' });
  expect(numberReader([], ['49152'])(typed, undefined, site())).toMatchObject({ kind: 'number' });
});

test('a refused number takes the same steps as one that is called', () => {
  const where = site({ blocked: ['+4930'], ownNumbers: ['+4940123456'] });
  const read = numberReader([where]);
  const steps = (typed: string) => {
    const looked: string[] = [];
    const watched = new Proxy(where, {
      get(target, key, receiver) {
        looked.push(String(key));
        return Reflect.get(target, key, receiver);
      },
    });
    return { kind: read(typed, 'DE', watched).kind, looked };
  };
  const called = steps('0151 23456789');
  expect(called.kind).toBe('number');
  for (const typed of ['+33 6 12 34 56 78', '0900 1 234567', '+7 940 771 23 45', '030 1234567', '040 123456', '+870 773 111 632']) {
    expect(steps(typed)).toEqual({ kind: 'refused', looked: called.looked });
  }
});

describe('countries that share a calling code', () => {
  test('belong to themselves', () => {
    expect(readNumber('+7 701 234 5678', undefined, site({ country: 'RU' }))).toMatchObject({ kind: 'refused' });
    expect(readNumber('+7 701 234 5678', undefined, everywhere('RU'))).toMatchObject({ country: 'KZ' });
    expect(readNumber('07781 123456', undefined, site({ country: 'GB' }))).toMatchObject({ kind: 'refused' });
    expect(readNumber('07781 123456', undefined, everywhere('GB'))).toMatchObject({ country: 'GG' });
  });
});

test('whatever is typed: a payable number of an allowed country, or none', () => {
  const alphabet = fc.constantFrom(...'0123456789+-(). ٠١٢٣٤٥٦٧٨٩０１２３,;#*x@\u200f');
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 40 }), (typed) => {
      const reading = readNumber(typed, undefined, everywhere('DE'));
      if (reading.kind === 'number') {
        expect(reading.e164).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(everywhere('DE').countries).toContain(reading.country);
      }
    }),
    { numRuns: 5_000 },
  );
});
