/** The demo's site where nothing is set: a shop. Its telephones are simulated, so numbers of all countries will do. */
import { getCountries } from 'libphonenumber-js/max';
import type * as z from 'zod';
import type { siteSettings } from './site-settings.ts';

/** As the JSON file would describe it; what is left out has the same default as everywhere. */
export const DEMO_SITE = {
  name: 'Oak & Ash',
  provider: 'bitrix24',
  line: 'reg1332',
  // The demo's own page may ask for calls wherever the relay listens.
  origins: [],
  country: 'DE',
  countries: getCountries(),
  promiseSeconds: 30,
} satisfies z.input<ReturnType<typeof siteSettings>>;
