/** The site's colour, made legible: whatever it is, what is drawn with it keeps WCAG 2.2 contrast in both schemes. */

/** Red, green, blue, each 0–255. */
export type Rgb = readonly number[];

export interface Accent {
  /** Of buttons, exactly as the site chose it. */
  fill: Rgb;
  /** On `fill`: ≥ 4.5:1. */
  ink: Rgb;
  /** The same colour moved until it is legible as edge or text on the form's own surface: ≥ 4.5:1. */
  line: Rgb;
}

export const SURFACES = { light: [255, 255, 255], dark: [23, 27, 33] } as const;

const BLACK = [0, 0, 0];
const WHITE = [255, 255, 255];

/** Of black and white one always reaches 4.58:1 on any colour, so neither `ink` nor `line` can fail. */
export function accentOn(surface: Rgb, fill: Rgb): Accent {
  const end = legibleOn(surface);
  let line = fill;
  for (let share = 0; contrastOf(line, surface) < 4.5; share += 0.04) {
    line = fill.map((channel, index) => Math.round(channel + ((end[index] ?? 0) - channel) * Math.min(share, 1)));
  }
  return { fill, ink: legibleOn(fill), line };
}

/** The custom properties that the stylesheet draws with. */
export function accentSheet(light: Rgb, dark: Rgb): string {
  const day = accentOn(SURFACES.light, light);
  const night = accentOn(SURFACES.dark, dark);
  return (['fill', 'ink', 'line'] as const).map((name) => `--${name}:light-dark(rgb(${day[name]}),rgb(${night[name]}));`).join('');
}

/** WCAG 2.2 contrast ratio, 1–21. */
export function contrastOf(one: Rgb, other: Rgb): number {
  const ratio = (luminanceOf(one) + 0.05) / (luminanceOf(other) + 0.05);
  return Math.max(ratio, 1 / ratio);
}

function legibleOn(color: Rgb): Rgb {
  return contrastOf(color, WHITE) < 4.5 ? BLACK : WHITE;
}

/** WCAG 2.2 relative luminance; its channels weigh 0.2126, 0.7152 and 0.0722. */
function luminanceOf(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
