/** The sentences of one language together with how that language writes names, times and durations. */
import { fillText, formatDuration } from '../text/fill-text.ts';
import type { TextKey, Texts } from '../text/en.ts';

export interface Words {
  say(key: TextKey, values?: Readonly<Record<string, string>>): string;
  /** ISO 3166-1 alpha-2 → name; the code itself where the browser knows no name. */
  country(code: string): string;
  /** Time of day, with seconds. */
  clockTime(at: number): string;
  /** Weekday and time of an RFC 3339 moment, in the visitor's time zone. */
  dayAndTime(moment: string): string;
  duration(durationMs: number): string;
  /** In the order of the language's alphabet, by name. */
  listCountries(codes: readonly string[]): readonly NamedCountry[];
}

export interface NamedCountry {
  readonly code: string;
  readonly name: string;
}

export function wordsOf(texts: Texts, locale: string): Words {
  const names = new Intl.DisplayNames(locale, { type: 'region' });
  const country = (code: string) => names.of(code) ?? code;
  // Sorting 245 names takes milliseconds and the form is drawn at every key stroke.
  const lists = new Map<readonly string[], readonly NamedCountry[]>();
  return {
    say: (key, values) => (values ? fillText(texts[key], values) : texts[key]),
    country,
    clockTime: (at) => new Date(at).toLocaleTimeString(locale),
    dayAndTime: (moment) => new Date(moment).toLocaleString(locale, { weekday: 'long', hour: 'numeric', minute: '2-digit' }),
    duration: (durationMs) => formatDuration(durationMs, locale),
    listCountries(codes) {
      const known = lists.get(codes);
      if (known) return known;
      const { compare } = new Intl.Collator(locale);
      const list = codes.map((code) => ({ code, name: country(code) })).sort((one, other) => compare(one.name, other.name));
      lists.set(codes, list);
      return list;
    },
  };
}
