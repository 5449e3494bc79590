import { expect, test } from 'vitest';
import { COUNTRIES, callingCode, countryOfTyped, readNumber } from './read-number.ts';

function e164Of(typed: string, country: string): string | undefined {
  const reading = readNumber(typed, country);
  return reading.kind === 'number' ? reading.e164 : undefined;
}

test.each([
  ['8 (916) 123-45-67', 'RU', '+79161234567'],
  ['+7 8 916 123 45 67', 'RU', '+79161234567'],
  ['810 7 916 123 45 67', 'RU', '+79161234567'],
  ['810 49 30 901820', 'RU', '+4930901820'],
  ['916 123 45 67', 'RU', '+79161234567'],
  ['8 800 555 35 35', 'RU', '+78005553535'],
  ['8 701 234 56 78', 'KZ', '+77012345678'],
  ['7 701 234 56 78', 'KZ', '+77012345678'],
  ['06 6982 1234', 'IT', '+390669821234'],
  ['+39 06 6982 1234', 'DE', '+390669821234'],
  ['312 345 6789', 'IT', '+393123456789'],
  ['06 698 12345', 'VA', '+390669812345'],
  ['011 2345-6789', 'AR', '+541123456789'],
  ['+54 9 11 2345-6789', 'AR', '+5491123456789'],
  ['222 123 4567', 'MX', '+522221234567'],
  ['00 1 212 555 0123', 'MX', '+12125550123'],
  ['0 15 11 96123-4567', 'BR', '+5511961234567'],
  ['0 21 21 2345-6789', 'BR', '+552123456789'],
  ['(11) 96123-4567', 'BR', '+5511961234567'],
  ['(212) 555-0123', 'US', '+12125550123'],
  ['1-212-555-0123', 'CA', '+12125550123'],
  ['011 44 20 7946 0958', 'US', '+442079460958'],
  ['246 425 1234', 'US', '+12464251234'],
  ['07781 123456', 'GG', '+447781123456'],
  ['07624 123456', 'IM', '+447624123456'],
  ['07797 123456', 'JE', '+447797123456'],
  ['+44 (0)20 7946 0958', 'FR', '+442079460958'],
  ['79 12 34 56', 'SJ', '+4779123456'],
  ['40 61 23 45', 'NO', '+4740612345'],
  ['000 800 123 4567', 'IN', '+910008001234567'], // Begins like 00, but no calling code begins with 0.
  ['044 123 456', 'XK', '+38344123456'],
  ['62889', 'AC', '+24762889'],
  ['22158', 'SH', '+29022158'],
  ['8999', 'TA', '+2908999'],
  ['030/901820', 'DE', '+4930901820'],
  ['030 / 90\u201118\u201320', 'DE', '+4930901820'],
  ['0049.30.901820', 'AT', '+4930901820'],
  ['4930901820', 'DE', '+4930901820'],
  ['٠٥٠ ١٢٣ ٤٥٦٧', 'AE', '+971501234567'],
  ['۰۹۱۲ ۳۴۵ ۶۷۸۹', 'IR', '+989123456789'],
  ['０９０−１２３４−５６７８', 'JP', '+819012345678'],
])('%s typed in %s is %s', (typed, country, e164) => {
  expect(e164Of(typed, country)).toBe(e164);
});

test.each([
  ['', 'DE', 'empty'],
  [' \u00a0', 'DE', 'empty'],
  ['0', 'DE', 'too_short'],
  ['+', 'DE', 'too_short'],
  ['+4', 'DE', 'too_short'],
  ['+49 30', 'US', 'too_short'],
  ['8 916 123', 'RU', 'too_short'],
  ['555 0123', 'US', 'too_short'],
  ['+49 30 1234567890123456', 'DE', 'too_long'],
  ['+1 212 555 0123 4', 'US', 'too_long'],
  ['8 016 123 45 67', 'RU', 'unclear'],
  ['8 916 123 45 67 8', 'RU', 'unclear'], // Neither 10 nor 14 digits.
  ['+999 123 456 78', 'DE', 'unclear'],
  ['0912 345 67', 'TW', 'unclear'],
  ['0912', 'TW', 'too_short'],
  ['+999 1', 'DE', 'unreadable'],
  // Dialled so inside the country; only the relay knows the area codes.
  ['011 15-2345-6789', 'AR', 'unclear'],
  ['0223 15-512-3456', 'AR', 'unclear'],
  ['02966 15 41-2345', 'AR', 'unclear'],
  ['425-1234', 'BB', 'unclear'],
  ['720321', 'GG', 'unclear'],
  // A carrier is chosen in the international prefix.
  ['0015 49 30 901820', 'BR', 'unclear'],
  ['0011 49 30 901820', 'AU', 'unclear'],
  ['001 49 30 901820', 'KR', 'unclear'],
] as const)('%j typed in %s is %s', (typed, country, kind) => {
  expect(readNumber(typed, country).kind).toBe(kind);
});

test.each([
  ['an extension', '030 901820 x12'],
  ['an extension in a parameter', '+4930901820;ext=12'],
  ['a pause and tones', '+4930901820,,12'],
  ['tones', '030 901820#'],
  ['a star', '*31*030901820'],
  ['a tilde', '030~901820'],
  ['letters', '030 PHONES'],
  ['a link', 'tel:+4930901820'],
  ['a line break', '030\n901820'],
  ['a zero-width space', '030\u200b901820'],
  ['a NUL', '030\u0000901820'],
  ['a plus inside', '49+30901820'],
  ['two pluses', '++4930901820'],
  ['a bracket before the plus', '(+49) 30 901820'],
  ['digits that libphonenumber does not know', '\u0966\u0969\u0966 \u096f\u0966\u0967\u096e\u0968\u0966'],
  ['thirty-three characters', `0${' '.repeat(23)}30901820 `],
])('%s is unreadable', (_name, typed) => {
  expect(readNumber(typed, 'DE')).toEqual({ kind: 'unreadable' });
});

test('thirty-two characters are read', () => {
  expect(e164Of(`0${' '.repeat(22)}30901820 `, 'DE')).toBe('+4930901820');
});

test('a calling code that belongs to no country gives no number', () => {
  for (const typed of [
    '+800 1234 5678',
    '+808 1234 5678',
    '+870 773 111 632',
    '+881 612 345 678',
    '+883 5100 1234 5678',
    '+979 123 456 789',
  ]) {
    expect(readNumber(typed, 'DE').kind).toBe('unclear');
    expect(countryOfTyped(typed)).toBeUndefined();
  }
});

test('a fullwidth plus, which libphonenumber skips, is never read as it stands', () => {
  expect(readNumber('\uff0b4930123456', 'US')).toEqual({ kind: 'unreadable' });
});

test('the country of a number is the chosen one where it shares the calling code', () => {
  expect(readNumber('+1 416 555 0123', 'CA')).toEqual({ kind: 'number', e164: '+14165550123', country: 'CA' });
  expect(readNumber('+1 416 555 0123', 'DE')).toEqual({ kind: 'number', e164: '+14165550123', country: 'US' });
  expect(readNumber('07700 900123', 'JE')).toEqual({ kind: 'number', e164: '+447700900123', country: 'JE' });
});

test('an unknown country still reads a number with plus', () => {
  expect(e164Of('+49 30 901820', 'ZZ')).toBe('+4930901820');
  expect(readNumber('030 901820', 'ZZ').kind).toBe('unclear');
  expect(callingCode('ZZ')).toBe('');
});

test('245 countries, in alphabetical order, each with its calling code', () => {
  expect(COUNTRIES).toHaveLength(245);
  expect(COUNTRIES).toEqual([...COUNTRIES].sort());
  expect(
    Object.fromEntries(['US', 'AG', 'KZ', 'VA', 'DE', 'XK', 'AC', 'TA', 'UZ'].map((country) => [country, callingCode(country)])),
  ).toEqual({
    US: '1',
    AG: '1',
    KZ: '7',
    VA: '39',
    DE: '49',
    XK: '383',
    AC: '247',
    TA: '290',
    UZ: '998',
  });
});

test.each([
  ['+7', 'RU'],
  ['+7 701', 'RU'],
  [' +44 20', 'GB'],
  ['\uff0b８１', 'JP'],
  ['+٤٩', 'DE'],
  ['+38', undefined],
  ['+383', 'XK'],
  ['+', undefined],
  ['49 30', undefined],
  ['0049 30', undefined],
])('%s leads to %s', (typed, country) => {
  expect(countryOfTyped(typed)).toBe(country);
});
