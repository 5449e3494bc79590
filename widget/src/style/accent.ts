/** The site's colour, made legible: whatever it is, what is drawn with it keeps WCAG 2.2 contrast in both schemes. */

/** Red, green, blue, each 0–255. */
export type Rgb = readonly [number, number, number];

export interface Accent {
  /** Of buttons, exactly as the site chose it. */
  fill: Rgb;
  /** On `fill`: ≥ 4.5:1. */
  ink: Rgb;
  /** Of the same hue, as edge or text on the form's own surface: ≥ 4.5:1. */
  line: Rgb;
}

export const SURFACES = { light: [255, 255, 255], dark: [23, 27, 33] } as const satisfies Record<string, Rgb>;

const BLACK: Rgb = [0, 0, 0];
const WHITE: Rgb = [255, 255, 255];
const TEXT_CONTRAST = 4.5;

/** Of black and white one always reaches 4.58:1 on any colour, so neither `ink` nor `line` can fail. */
export function accentOn(surface: Rgb, fill: Rgb): Accent {
  const ink = contrastOf(fill, WHITE) >= TEXT_CONTRAST ? WHITE : BLACK;
  const towards = luminanceOf(surface) > 0.5 ? BLACK : WHITE;
  let line = fill;
  for (let share = 0.04; contrastOf(line, surface) < TEXT_CONTRAST; share += 0.04) line = mix(fill, towards, Math.min(share, 1));
  return { fill, ink, line };
}

/** The custom properties that the stylesheet draws with. */
export function accentSheet(light: Rgb, dark: Rgb): string {
  const [day, night] = [accentOn(SURFACES.light, light), accentOn(SURFACES.dark, dark)];
  const rules = (['fill', 'ink', 'line'] as const).map((name) => `--${name}:light-dark(rgb(${day[name]}),rgb(${night[name]}))`);
  return `.root{${rules.join(';')}}`;
}

/** WCAG 2.2 contrast ratio, 1–21. */
export function contrastOf(one: Rgb, other: Rgb): number {
  const [darker = 0, lighter = 0] = [luminanceOf(one), luminanceOf(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** WCAG 2.2 relative luminance. */
function luminanceOf(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(color: Rgb, other: Rgb, share: number): Rgb {
  const [red, green, blue] = color.map((channel, index) => Math.round(channel + ((other[index] ?? 0) - channel) * share));
  return [red ?? 0, green ?? 0, blue ?? 0];
}
