import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { en } from './en.ts';
import { fillText, formatAmount } from './fill-text.ts';
import { LABELS, languageOf, pickLocale } from './languages.ts';

const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.json'));

test('every language but English has a file and a label', () => {
  expect(Object.keys(LABELS).sort()).toEqual(['en', ...files.map((file) => file.slice(0, 2))].sort());
});

test.each(files)('%s has the keys and the gaps of English, and no empty sentence', (file) => {
  const texts = JSON.parse(readFileSync(`${import.meta.dirname}/${file}`, 'utf8')) as Record<string, string>;
  expect(Object.keys(texts)).toEqual(Object.keys(en));
  for (const [key, text] of Object.entries(texts)) {
    expect(text.trim(), key).not.toBe('');
    expect(gapsOf(text), key).toEqual(gapsOf(en[key as keyof typeof en]));
  }
});

test('no sentence promises what nobody reported', () => {
  for (const text of Object.values(en)) expect(text).not.toMatch(/will call|calls you (today|soon|shortly)|passed on to/i);
});

test.each([
  [['ru-RU'], 'ru-RU'],
  [[undefined, 'RU'], 'RU'],
  [['fr', 'ru'], 'ru'],
  [['en_US', ''], 'en'],
  [['constructor', 'rus', 'ru-\n'], 'en'],
  [[null, 'de-DE', 'en-GB', 'ru'], 'en-GB'],
])('of %j it speaks %s', (wishes, locale) => {
  expect(pickLocale(wishes)).toBe(locale);
  expect(() => new Intl.NumberFormat(pickLocale(wishes))).not.toThrow();
});

test('the language is the first subtag', () => {
  expect(languageOf('RU-ru')).toBe('ru');
});

test('gaps are filled once and unknown ones stay', () => {
  expect(fillText('{a} and {b} {c}', { a: '{b}', b: '$&' })).toBe('{b} and $& {c}');
});

test('short units need no case endings', () => {
  expect(formatAmount(30, 'second', 'en')).toBe('30 sec');
  expect(formatAmount(1, 'minute', 'en')).toBe('1 min');
  expect(formatAmount(5, 'minute', 'ru')).toBe('5 мин');
});

function gapsOf(text: string): string[] {
  return (text.match(/\{\w+\}/g) ?? []).sort();
}
