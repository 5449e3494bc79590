/**
 * Every `data-*` attribute of the script tag. This table is the only place: what is read, what the type is, what a wrong value is
 * told, and `docs/attributes.md`, which takes its sentences from the comments here (so that they cost the page no byte).
 */
import { callingCode } from '../phone/read-number.ts';
import type { Rgb } from '../style/accent.ts';

interface Attribute<T> {
  /** Undefined: not a value of this attribute. */
  read: (given: string) => T | undefined;
  /** Completes "expected …". */
  expects: string;
  fallback: T;
}

export const ATTRIBUTES = {
  /** Address of the relay. Default: where the script itself was loaded from. */
  relay: pattern(/^https?:\/\/[^\s?#]+$/, 'an address that starts with https://', ''),
  /** Key of the site in the relay's configuration. */
  site: pattern(/^[\w.-]{1,64}$/, 'the key of a site', 'default'),
  /** `button`: a button in a corner that opens a dialog. `inline`: the form stands in the page. */
  mode: oneOf('button', 'inline'),
  /** CSS selector: with `inline`, the element that receives the form (default: right after the tag); with `button`, your own buttons that open it. */
  target: pattern(/\S/, 'a CSS selector', ''),
  /** Whether the corner button is drawn. `auto`: unless `data-target` names your own buttons. */
  launcher: oneOf('auto', 'show', 'hide'),
  /** Country that the number field starts with, ISO 3166-1 alpha-2. Default: the site's own. */
  country: {
    read: (given: string) => (callingCode(given.toUpperCase()) ? given.toUpperCase() : undefined),
    expects: 'a country code such as DE',
    fallback: '',
  },
  /** Language of the form, BCP 47: `en`, `ru`. Default: the page's `lang`, then the browser's. */
  locale: pattern(/^[a-z]{2}(-[a-z\d]{2,8})*$/i, 'a language tag such as en or ru', ''),
  /** Words on the corner button. Default: “Call me back” in the form's language. */
  label: pattern(/^[^\n]{1,40}$/, 'up to 40 characters', ''),
  /** Accent colour, or two: for light and for dark. Words on it are black or white, whichever can be read. */
  color: { read: readColors, expects: 'one or two colours such as #0b6e4f', fallback: readColors('#0b6e4f #4fd1a1') ?? [] },
  /** Colour scheme. `auto`: as the visitor's system has it. */
  scheme: oneOf('auto', 'light', 'dark'),
  /** Corner of the button. `end` is right where text runs left to right. */
  position: oneOf('bottom-end', 'bottom-start', 'bottom-right', 'bottom-left'),
  /** Distance of the button from the lower edge of the window, in pixels. */
  offset: wholeNumber(0, 500, 20),
  /** Stacking order of the button. The dialog needs none: it is in the browser's top layer. */
  zIndex: wholeNumber(0, 2147483647, 2147483000),
  /** Department that every request from this page is for. Default: the visitor is asked, if the site has several. */
  department: pattern(/^.{1,64}$/, 'the key of a department', ''),
  /** Whether the visitor may leave a name. */
  nameField: oneOf('hide', 'show'),
} as const satisfies Readonly<Record<string, Attribute<unknown>>>;

export type AttributeName = keyof typeof ATTRIBUTES;
export type Settings = { readonly [Name in AttributeName]: (typeof ATTRIBUTES)[Name] extends Attribute<infer T> ? T : never };

/** `given`: a tag's dataset. A wrong value gets one warning and the default; nothing is thrown into the page. */
export function readSettings(given: Readonly<Record<string, string | undefined>>, warn: (line: string) => void): Settings {
  const entries = Object.entries<Attribute<unknown>>(ATTRIBUTES).map(([name, { read, expects, fallback }]) => {
    const text = given[name]?.trim();
    if (!text) return [name, fallback];
    const value = read(text);
    if (value === undefined) warn(`ringback: ${attributeName(name)}: expected ${expects}, got "${text}"`);
    return [name, value ?? fallback];
  });
  return Object.fromEntries(entries) as Settings;
}

export function attributeName(name: string): string {
  return `data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function pattern(allowed: RegExp, expects: string, fallback: string): Attribute<string> {
  return { read: (given) => (allowed.test(given) ? given : undefined), expects, fallback };
}

/** The first is the default. */
function oneOf<T extends string>(...values: readonly [T, ...T[]]): Attribute<T> {
  return { read: (given) => values.find((value) => value === given), expects: values.join(' or '), fallback: values[0] };
}

function wholeNumber(min: number, max: number, fallback: number): Attribute<number> {
  const read = (given: string) => (/^\d{1,10}$/.test(given) && +given >= min && +given <= max ? +given : undefined);
  return { read, expects: `a whole number from ${min} to ${max}`, fallback };
}

/** One or two of `#rgb` or `#rrggbb`. Only numbers come out, so nothing of a page's text ever stands in a stylesheet. */
function readColors(given: string): readonly Rgb[] | undefined {
  if (!/^#([\da-f]{3}|[\da-f]{6})(\s+#([\da-f]{3}|[\da-f]{6}))?$/i.test(given)) return undefined;
  return given.split(/\s+/).map((color) => {
    const width = color.length === 4 ? 1 : 2;
    const [red, green, blue] = [0, 1, 2].map((index) => {
      const digits = color.slice(1 + index * width, 1 + index * width + width);
      return Number.parseInt(digits.repeat(3 - width), 16);
    });
    return [red ?? 0, green ?? 0, blue ?? 0] as const;
  });
}
