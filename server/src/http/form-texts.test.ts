import { describe, expect, test } from 'vitest';
import { pickFormLanguage } from './form-language.ts';
import { FORM_LANGUAGES, FORM_TEXTS, fillText, formatDuration } from './form-texts.ts';

const gapsOf = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

test.each(FORM_LANGUAGES)('%s has a sentence with the same gaps for every key', (language) => {
  expect(Object.keys(FORM_TEXTS[language])).toEqual(Object.keys(FORM_TEXTS.en));
  for (const [key, text] of Object.entries(FORM_TEXTS[language])) {
    expect(text.trim(), key).not.toBe('');
    expect(gapsOf(text), key).toEqual(gapsOf(FORM_TEXTS.en[key as keyof typeof FORM_TEXTS.en]));
  }
});

test('no sentence promises what nobody reported', () => {
  for (const text of Object.values(FORM_TEXTS.en)) expect(text).not.toMatch(/will call|calls you (today|soon|shortly)|passed on to/i);
});

test('gaps are filled once and unknown ones stay', () => {
  expect(fillText('{a} and {b} {c} {constructor}', { a: '{b}', b: '$&' })).toBe('{b} and $& {c} {constructor}');
});

test.each([
  [1, '1 sec', '1 с'],
  [90, '90 sec', '90 с'],
  [120, '2 min', '2 мин'],
  [121, '3 min', '3 мин'],
  [7_200, '2 hr', '2 ч'],
])('%d seconds are %s, %s', (seconds, english, russian) => {
  expect(formatDuration(seconds, 'en')).toBe(english);
  expect(formatDuration(seconds, 'ru').replaceAll('\u00A0', ' ')).toBe(russian);
});

describe('the language', () => {
  test.each<[string | undefined, string | undefined, string, string]>([
    ['ru', 'en', 'DE', 'ru'],
    ['ru-RU', undefined, 'DE', 'ru'],
    ['RU', undefined, 'DE', 'ru'],
    ['xx', 'ru', 'DE', 'ru'],
    ['__proto__', undefined, 'DE', 'en'],
    [undefined, 'de,ru;q=0.8,en;q=0.9', 'RU', 'en'],
    [undefined, 'en;q=0.1, ru;q=0.2', 'DE', 'ru'],
    [undefined, 'en;q=0, de', 'RU', 'ru'],
    [undefined, 'ru;q=abc', 'DE', 'en'],
    [undefined, 'de', 'KZ', 'ru'],
    [undefined, '*', 'DE', 'en'],
    [undefined, ',;,;q=,', 'DE', 'en'],
    [undefined, `${'de,'.repeat(5_000)}ru`, 'DE', 'en'],
    [undefined, undefined, 'RU', 'ru'],
    [undefined, undefined, 'FR', 'en'],
  ])('asked %s, preferred %s, in %s: %s', (asked, accepted, country, language) => {
    expect(pickFormLanguage(asked, accepted, country)).toBe(language);
  });
});
