/**
 * Every `data-*` attribute of the script tag. This table is the only place: what is read, what the type is, what a wrong value is
 * told, and `docs/attributes.md`, which takes its sentences from the comments here (so that they cost the page no byte).
 */

interface Attribute<T extends string = string> {
  /** What a value must match; also what a wrong one is told. */
  allowed: RegExp;
  fallback: T;
}

export const ATTRIBUTES = {
  /** Address of the relay. Without it: where the script itself was loaded from. */
  relay: text(/^https?:/),
  /** Key of the site in the relay's configuration. */
  site: text(/^[\w.-]+$/, 'default'),
  /** `button`: a button in a corner opens a dialog. `inline`: the form stands in the page. */
  mode: oneOf('button', 'inline'),
  /** CSS selector. With `inline`: the element that receives the form; without it, the form stands right after the tag. With `button`: your own buttons that open the dialog; no corner button is drawn then. */
  target: text(),
  /** Country that the number field starts with, ISO 3166-1 alpha-2. Without it: the site's own. */
  country: text(/^[A-Z]{2}$/),
  /** Language of the form, BCP 47: `en` or `ru`, with or without a region. Without it: the page's `lang`, then the browser's. */
  locale: text(/^[a-z]{2}(-\w+)*$/i),
  /** Words on the corner button. Without it: “Call me back” in the form's language. */
  label: text(),
  /** Accent colour, or two: for light and for dark. Words on it are black or white, whichever can be read. */
  color: text(/^#[\da-f]{6}( #[\da-f]{6})?$/i, '#0b6e4f #4fd1a1'),
  /** Colour scheme. `auto`: as the visitor's system has it. */
  scheme: oneOf('auto', 'light', 'dark'),
  /** Corner of the button. `end` is right where text runs from left to right. */
  position: oneOf('bottom-end', 'bottom-start', 'bottom-right', 'bottom-left'),
  /** Distance of the button from the lower edge of the window, in pixels. */
  offset: text(/^\d{1,3}$/, '20'),
  /** Stacking order of the button. The dialog needs none: it is in the browser's top layer. */
  zIndex: text(/^\d{1,10}$/, '2147483000'),
  /** Key of the department that every request from this page is for. */
  department: text(),
  /** Whether the visitor may leave a name. */
  nameField: oneOf('hide', 'show'),
} as const satisfies Readonly<Record<string, Attribute>>;

export type AttributeName = keyof typeof ATTRIBUTES;
export type Settings = { readonly [Name in AttributeName]: (typeof ATTRIBUTES)[Name] extends Attribute<infer T> ? T : never };

/** `given`: a tag's dataset. A wrong value gets one warning and the default; nothing is thrown into the page. */
export function readSettings(given: Readonly<Record<string, string | undefined>>, warn: (line: string) => void): Settings {
  const entries = Object.entries<Attribute>(ATTRIBUTES).map(([name, { allowed, fallback }]) => {
    const value = given[name]?.trim();
    if (!value || allowed.test(value)) return [name, value || fallback];
    warn(`ringback: ${attributeName(name)}: expected ${allowed.source}, got "${value}"`);
    return [name, fallback];
  });
  return Object.fromEntries(entries);
}

export function attributeName(name: string): string {
  return `data-${name.replace(/[A-Z]/g, '-$&').toLowerCase()}`;
}

function text(allowed = /./, fallback = ''): Attribute {
  return { allowed, fallback };
}

/** The first is the default. */
function oneOf<T extends string>(...values: [T, ...T[]]): Attribute<T> {
  return { allowed: RegExp(`^(${values.join('|')})$`), fallback: values[0] };
}
