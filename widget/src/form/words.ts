/** The sentences of one language together with how that language writes names, times and amounts. */
import type { TextKey, Texts } from '../text/en.ts';
import { fillText, formatAmount } from '../text/fill-text.ts';

export interface Words {
  say(key: TextKey, values?: Readonly<Record<string, string>>): string;
  /** ISO 3166-1 alpha-2 → name; the code itself where the browser knows no name. */
  nameCountry(code: string): string;
  amount(amount: number, unit: 'second' | 'minute'): string;
  /** Day and time of an RFC 3339 moment, in the visitor's time zone. */
  dayAndTime(moment: string): string;
  /** With their names, in alphabetical order of these. */
  listCountries(codes: readonly string[]): readonly (readonly [name: string, code: string])[];
}

export function wordsOf(texts: Texts, locale: string): Words {
  const names = new Intl.DisplayNames(locale, { type: 'region' });
  const nameCountry = (code: string) => names.of(code) ?? code;
  // Sorting 245 names takes milliseconds, and the form is drawn at every key stroke.
  const lists = new Map<readonly string[], ReturnType<Words['listCountries']>>();
  return {
    say: (key, values = {}) => fillText(texts[key], values),
    nameCountry,
    amount: (amount, unit) => formatAmount(amount, unit, locale),
    dayAndTime: (moment) =>
      new Date(moment).toLocaleString(locale, { weekday: 'long', day: 'numeric', month: 'long', hour: 'numeric', minute: '2-digit' }),
    listCountries(codes) {
      const { compare } = new Intl.Collator(locale);
      const list = lists.get(codes) ?? codes.map((code) => [nameCountry(code), code] as const).sort((a, b) => compare(a[0], b[0]));
      lists.set(codes, list);
      return list;
    },
  };
}
