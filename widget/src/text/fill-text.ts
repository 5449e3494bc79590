/** Puts values into the gaps of a sentence: `{country}`. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => values[name] ?? gap);
}

/** A duration in the words of a locale, rounded up: `30 sec`, `5 min`, `2 hr`. */
export function formatDuration(durationMs: number, locale: string): string {
  const [unit, unitMs] = UNITS.find(([, ms]) => durationMs < ms * 90) ?? LARGEST;
  const amount = Math.max(1, Math.ceil(durationMs / unitMs));
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(amount);
}

const LARGEST = ['hour', 3_600_000] as const;
const UNITS = [['second', 1000], ['minute', 60_000], LARGEST] as const;
