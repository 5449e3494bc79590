/** The sites that hostile-requests.ts asks for, on a relay whose limits hide nothing of what lies behind them. */
import type { Limits, SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { exampleSite } from './example-site.ts';

/** Of a day, and of anything else that could run out. */
export const PLENTY = 1_000_000_000;
const ALWAYS = Array.from({ length: 7 }, () => [{ from: '00:00', until: '24:00' }]);

export function huntedSites(): ReadonlyMap<string, SiteConfig> {
  const usual = { provider: 'none', budget: { perCall: 1, perDay: PLENTY }, countries: ['DE', 'US'] } as const;
  const sites = [
    exampleSite({
      ...usual,
      hours: { timeZone: 'Europe/Berlin', week: ALWAYS, days: new Map() },
      slots: { everyMinutes: 30, capacity: 1_000, daysAhead: 2 },
      departments: new Map([['sales', { key: 'sales', name: 'Sales', line: undefined, announcement: undefined, hours: undefined }]]),
      calleeHours: { from: '08:00', until: '21:00' },
    }),
    exampleSite({ ...usual, key: 'always', proof: { mode: 'always', prover: { kind: 'pow' } } }),
    exampleSite({
      ...usual,
      key: 'hosted',
      proof: {
        mode: 'always',
        prover: { kind: 'siteverify', vendor: 'turnstile', siteKey: 'k', secret: new Secret('hunted-s3cret'), hostname: undefined },
      },
    }),
    exampleSite({ ...usual, key: 'agreed', consent: { textId: 'v1', text: 'I agree.', url: 'https://shop.example/privacy' } }),
  ];
  return new Map(sites.map((site) => [site.key, site]));
}

/** A hundred thousand requests come from one address within a moment. */
const WIDE = [{ max: 1_000_000, perMs: 60_000 }];
export const WIDE_LIMITS: Limits = {
  number: WIDE,
  numberCooldownMs: 0,
  source: WIDE,
  sourceSoft: [],
  sourceNumbers: [],
  sourceNumbersSoft: [],
  site: WIDE,
  deployment: WIDE,
  shield: [{ max: PLENTY, perMs: 60_000 }],
};
