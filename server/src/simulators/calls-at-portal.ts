/** The calls room between a store and a simulated portal, without HTTP in front: for tests of what becomes of a call. */
import { acceptCall } from '../calls/accept-call.ts';
import { callRules } from '../calls/call-rules.ts';
import type { CallsContext, Notice } from '../calls/calls.ts';
import { drainCalls } from '../calls/drain-calls.ts';
import { earlyNews } from '../calls/early-news.ts';
import { heedEvent } from '../calls/heed-event.ts';
import { providerGate } from '../calls/provider-gate.ts';
import type { Drain } from '../calls/under-way.ts';
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import type { Provider } from '../providers/provider.ts';
import type { AcceptResult } from '../store/acceptance.ts';
import type { Call } from '../store/call.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from './bitrix24/portal.ts';
import { exampleSite } from './example-site.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

export const VISITOR = '+4915123456789';
const TOKEN = 'an-event-token';
const FORM = 'application/x-www-form-urlencoded';

export interface CallsAtPortalOptions {
  /** Whether the portal has an outgoing webhook. */
  reportsEvents?: boolean;
  portal?: Partial<Bitrix24PortalOptions>;
  site?: Partial<SiteConfig>;
}

export interface CallsAtPortal {
  clock: FakeClock;
  store: Store;
  portal: Bitrix24Portal;
  provider: Provider;
  context: CallsContext;
  drain: Drain;
  entries: LogEntry[];
  notices: Notice[];
  /** What the portal has posted, oldest first. */
  posted: string[];
  /** While true, what the portal posts gets lost on the way. */
  losesEvents: boolean;
  /** Lets the relay read one delivery. */
  deliver(body: string): Promise<void>;
  ask(e164?: string): Promise<AcceptResult>;
  /** A call as it now stands. */
  look(id: string): Promise<Call>;
  accept(e164?: string): Promise<Call>;
  /** Lets time pass, with a look at what is due every second. */
  pass(ms: number): Promise<void>;
}

export function callsAtPortal(options: CallsAtPortalOptions = {}): CallsAtPortal {
  const { reportsEvents = false } = options;
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const posted: string[] = [];
  const receive = async (_: unknown, init?: RequestInit) => {
    const body = String(init?.body);
    posted.push(body);
    if (!rig.losesEvents) await rig.deliver(body);
    return new Response(null, { status: 204 });
  };
  const portal = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: 's3cr3t',
    lines: { reg1332: 'Office' },
    ...(reportsEvents && { events: { url: () => 'https://relay.example/events', token: TOKEN, fetch: receive } }),
    ...options.portal,
  });
  const provider = bitrix24({
    name: 'bitrix24',
    webhookUrl: new Secret(`http://127.0.0.1${portal.webhookPath}`),
    eventToken: reportsEvents ? new Secret(TOKEN) : undefined,
    fetch: async (input, init) => portal.app.fetch(new Request(input, init)),
    clock,
  });
  const site = exampleSite({ channels: ['crm'], budget: { perCall: 50, perDay: 1_000, currency: 'EUR' }, ...options.site });
  const sites = new Map([[site.key, site]]);
  const entries: LogEntry[] = [];
  const notices: Notice[] = [];
  const switches = () => ({ paused: false, pausedSites: new Set<string>() });
  const context: CallsContext = {
    store,
    vault: vault(new Uint8Array(32).fill(7)),
    clock,
    log: (entry) => entries.push(entry),
    sites,
    providers: new Map([[provider.name, provider]]),
    rulesOf: callRules({ sites, cooldownMs: 60_000, random: () => 0, switches }),
    early: earlyNews(clock),
    gate: providerGate(clock),
    notify: async (notice) => void notices.push(notice),
  };

  const rig: CallsAtPortal = {
    clock,
    store,
    portal,
    provider,
    context,
    drain: drainCalls(context),
    entries,
    notices,
    posted,
    losesEvents: false,
    async deliver(body) {
      const read = await provider.readEvent(FORM, body);
      if (read.kind === 'event') await heedEvent(provider.name, read.event, context);
    },
    ask(e164 = VISITOR) {
      const request = { site: site.key, phone: e164 };
      const numberKeys = context.vault.keysOf('number', e164);
      const guard = { limits: [] };
      return acceptCall({ request, idempotencyKey: crypto.randomUUID(), e164, numberKeys, country: 'DE', details: {}, guard }, context);
    },
    async look(id) {
      const call = await store.find(id);
      if (call === undefined) throw new Error('There is no such call.');
      return call;
    },
    async accept(e164) {
      const result = await rig.ask(e164);
      if (result.kind !== 'accepted') throw new Error(result.kind);
      return result.call;
    },
    async pass(ms) {
      for (const until = clock.now() + ms; clock.now() < until; ) {
        await rig.drain.begin();
        await clock.advance(Math.min(1_000, until - clock.now()));
      }
      await rig.drain.begin();
      await clock.advance(0);
    },
  };
  return rig;
}
