/** Puts a value into each gap of a sentence: `{country}`. */
export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (gap, name: string) => values[name] ?? gap);
}

/** `30 sec`, `5 min`: short units, because those need no case endings in any language. */
export function formatAmount(amount: number, unit: 'second' | 'minute', locale: string): string {
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'short' }).format(amount);
}
