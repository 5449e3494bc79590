/** One server under load, in a process of its own: `node subject.js <name>`; prints its port when it listens. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import type { Limits } from '../src/config/config.ts';
import { callRequest } from '../src/contract/calls.ts';
import { systemClock } from '../src/platforms/node-clock.ts';
import { type Relay, relay } from '../src/relay.ts';
import { exampleSite, USUAL_LIMITS } from '../src/simulators/example-site.ts';
import { sqliteStore } from '../src/store/sqlite-store.ts';

export const ORIGIN = 'https://shop.example';

/** Every request comes from another address and asks for another number: the windows are checked and never full. */
const ENDLESS = [{ max: 1_000_000_000, perMs: 86_400_000 }];
const site = exampleSite({ provider: 'none', line: 'reg1', origins: [ORIGIN], budget: { perCall: 1, perDay: 1_000_000_000 } });
const USUAL: Limits = { ...USUAL_LIMITS, site: ENDLESS, deployment: ENDLESS, shield: ENDLESS };
/** One source that asks and asks: the first are refused by its windows, then all by the shield. */
const NONE: Limits = { ...USUAL, source: [{ max: 0, perMs: 60_000 }], shield: USUAL_LIMITS.shield };

type Fetch = (request: Request, address: string) => Response | Promise<Response>;

/** The usual parts without a store: what a careful endpoint does at the least. */
function bareAccept(): Fetch {
  const app = new Hono().post('/v1/calls', async (c) => {
    const parsed = callRequest.safeParse(await c.req.json());
    if (!parsed.success) return c.json({ error: 'bad' }, 400);
    const number = parsePhoneNumberFromString(parsed.data.phone, { defaultCountry: 'DE', extract: false });
    if (!number?.isValid() || number.getType() === undefined) return c.json({ error: 'bad' }, 422);
    return c.json({ id: crypto.randomUUID(), number: number.formatInternational() }, 202);
  });
  return (request) => app.fetch(request);
}

function bareJson(): Fetch {
  const app = new Hono().post('/v1/calls', async (c) => {
    const { site } = await c.req.json();
    return c.json({ site, title: 'A JSON answer of about this length.' });
  });
  return (request) => app.fetch(request);
}

function wholeRelay(limits: Limits): Fetch {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const running: Relay = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits,
      budget: { perDay: 1_000_000_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: join(folder, 'bench.db'), clock: systemClock }),
    providers: new Map(),
    secret: new Uint8Array(32).fill(1),
    clock: systemClock,
    log: () => {},
    version: 'bench',
  });
  return (request, address) => running.fetch(request, { address, enforcesLength: true });
}

const SUBJECTS: Readonly<Record<string, () => Fetch>> = {
  'bare-accept': bareAccept,
  'bare-json': bareJson,
  'relay-accept': () => wholeRelay(USUAL),
  /** What is refused comes again and again from the same places. */
  'relay-refused': () => {
    const fetch = wholeRelay(USUAL);
    let count = 0;
    return (request) => fetch(request, `198.51.100.${count++ & 255}`);
  },
  'relay-limited': () => {
    const fetch = wholeRelay(NONE);
    return (request) => fetch(request, '203.0.113.7');
  },
};

let counter = 0;
const nextAddress = () => {
  counter++;
  return `${1 + ((counter >> 24) & 63)}.${(counter >> 16) & 255}.${(counter >> 8) & 255}.${counter & 255}`;
};

const make = SUBJECTS[process.argv[2] ?? ''];
if (make === undefined) throw new Error(`Unknown subject. One of: ${Object.keys(SUBJECTS).join(', ')}`);
const subject = make();
serve({ fetch: (request) => subject(request, nextAddress()), hostname: '127.0.0.1', port: 0 }, ({ port }) => {
  process.stdout.write(`${port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
