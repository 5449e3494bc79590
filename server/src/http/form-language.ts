/** Which language the form page speaks: what was asked for, what the browser prefers, what the site's country speaks. */
import { FORM_LANGUAGES, type FormLanguage } from './form-texts.ts';

/** Countries where more visitors read Russian than English. */
const RUSSIAN_READING = new Set(['RU', 'BY', 'KZ', 'KG']);
/** Browsers send some forty characters; the rest is not worth reading. */
const MAX_HEADER_LENGTH = 500;

export function pickFormLanguage(asked: string | undefined, acceptLanguage: string | undefined, country: string): FormLanguage {
  for (const tag of [asked, ...preferences(acceptLanguage)]) {
    const language = FORM_LANGUAGES.find((known) => known === tag?.split('-', 1)[0]?.toLowerCase());
    if (language !== undefined) return language;
  }
  return RUSSIAN_READING.has(country) ? 'ru' : 'en';
}

/** RFC 9110, 12.5.4: tags with weights, the heaviest first; weight 0 means "not this one". */
function preferences(header = ''): string[] {
  return header
    .slice(0, MAX_HEADER_LENGTH)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.split(';').map((piece) => piece.trim());
      const weight = parameters.find((parameter) => parameter.startsWith('q='));
      return { tag, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ weight }) => weight > 0)
    .sort((one, other) => other.weight - one.weight)
    .map(({ tag }) => tag);
}
