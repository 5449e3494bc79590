/** A relay whose one site has hours, slots and departments, with a provider that only notes when it was asked to ring. */
import type { DepartmentConfig, Hours, SiteConfig } from '../config/config.ts';
import type { CallAccepted, CallView } from '../contract/calls.ts';
import type { SiteView } from '../contract/site-view.ts';
import type { DialOrder, Provider } from '../providers/provider.ts';
import { type Relay, relay } from '../relay.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { exampleSite, USUAL_LIMITS } from './example-site.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { plainProvider } from './plain-provider.ts';

const ORIGIN = 'https://shop.example';
const LIMITS = { ...USUAL_LIMITS, sourceSoft: [], sourceNumbersSoft: [], site: [], deployment: [], destinations: undefined };
const DRAIN_EVERY_MS = 10_000;

/** When the relay starts: 10:00 on a Monday in Berlin. */
export const START = Date.UTC(2026, 0, 5, 9);

export interface TimedRelay {
  readonly clock: FakeClock;
  readonly store: Store;
  readonly dials: readonly (DialOrder & { at: number })[];
  /** The operator changes the site: another relay goes on with the same store. */
  change(site: Partial<SiteConfig>): void;
  /** Without a phone a number of its own, from a network of its own. */
  ask(asked?: Asked): Promise<Response>;
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  view(query?: string): Promise<SiteView>;
  follow(call: CallAccepted): Promise<CallView>;
  cancel(call: CallAccepted): Promise<Response>;
  /** Lets the time pass, and does what is due every ten seconds on the way. */
  passUntil(time: string | number): Promise<void>;
  close(): Promise<void>;
}

export interface Asked {
  phone?: string;
  at?: string;
  department?: string;
  key?: string;
}

/** Berlin, Monday to Friday, such as `09:00-18:00`. */
export function workdays(span: string, days: Hours['days'] = new Map()): Hours {
  const spans = [{ from: span.slice(0, 5), until: span.slice(6) }];
  return { timeZone: 'Europe/Berlin', week: [spans, spans, spans, spans, spans, [], []], days };
}

const sales: DepartmentConfig = { key: 'sales', name: 'Sales', line: undefined, announcement: undefined, hours: undefined };
const repairs: DepartmentConfig = {
  key: 'repairs',
  name: 'Repairs',
  line: 'reg1340',
  announcement: 'For repairs.',
  hours: workdays('11:00-15:00'),
};
const SITE = exampleSite({
  provider: 'pbx',
  countries: ['DE', 'US'],
  concurrency: 100,
  hours: workdays('09:00-18:00'),
  slots: { everyMinutes: 30, capacity: 2, daysAhead: 7 },
  calleeHours: { from: '08:00', until: '21:00' },
  departments: new Map([sales, repairs].map((department) => [department.key, department])),
});

export function timedRelay(): TimedRelay {
  const clock = fakeClock(START);
  const store = sqliteStore({ path: ':memory:', clock });
  const dials: (DialOrder & { at: number })[] = [];
  let running = run(SITE, { clock, store, dials });
  let count = 0;

  const send = (path: string, init: RequestInit, address?: string) =>
    Promise.resolve(running.fetch(new Request(`https://relay.example${path}`, init), { address }));
  const headersOf = ({ statusToken }: CallAccepted) => ({ origin: ORIGIN, authorization: `Bearer ${statusToken}` });
  const get = (path: string, headers = {}) => send(path, { headers: { origin: ORIGIN, ...headers } });

  return {
    clock,
    store,
    dials,
    change(site) {
      running = run({ ...SITE, ...site }, { clock, store, dials });
    },
    ask({ phone, key = crypto.randomUUID(), ...rest } = {}) {
      count += 1;
      const headers = { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': key };
      const body = JSON.stringify({ site: 'default', phone: phone ?? `0151 2${String(count).padStart(7, '0')}`, ...rest });
      return send('/v1/calls', { method: 'POST', headers, body }, `198.51.${count >> 8}.${count & 255}`);
    },
    get,
    view: async (query = '') => (await (await get(`/v1/sites/default${query}`)).json()) as SiteView,
    follow: async (call) => (await (await get(`/v1/calls/${call.id}`, headersOf(call))).json()) as CallView,
    cancel: (call) => send(`/v1/calls/${call.id}`, { method: 'DELETE', headers: headersOf(call) }),
    async passUntil(time) {
      const until = typeof time === 'string' ? Date.parse(time) : time;
      while (clock.now() < until) {
        clock.set(Math.min(clock.now() + DRAIN_EVERY_MS, until));
        await running.drain();
      }
    },
    close: () => running.close(),
  };
}

function run(site: SiteConfig, { clock, store, dials }: { clock: FakeClock; store: Store; dials: (DialOrder & { at: number })[] }): Relay {
  return relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    providers: new Map([['pbx', noting(dials, clock)]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: () => {},
    random: () => 0,
    version: '0.0.0',
  });
}

function noting(dials: (DialOrder & { at: number })[], clock: FakeClock): Provider {
  return plainProvider(async (order) => {
    dials.push({ ...order, at: clock.now() });
    return { kind: 'placed', ref: `call.${dials.length}` };
  });
}
