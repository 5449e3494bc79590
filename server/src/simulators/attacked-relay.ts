/** A relay with a portal of its own in this process, for tests that attack it. What counts is who was rung and what was set aside. */
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { CallAccepted } from '../contract/calls.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { relay } from '../relay.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type Bitrix24Portal, bitrix24Portal } from './bitrix24/portal.ts';
import { exampleSite, USUAL_LIMITS } from './example-site.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

export interface AttackedRelayOptions {
  /** Of the site, per day. */
  perDay?: number;
  /** Of the whole deployment, per day. */
  deploymentPerDay?: number;
  /** Each with an origin of its own, `https://<key>.example`. */
  sites?: readonly string[];
  /** What each of them has set otherwise. */
  settings?: Partial<SiteConfig>;
}

export interface AttackedRelay {
  readonly clock: FakeClock;
  /** Its `telephones.dials` say who was really rung. */
  readonly portal: Bitrix24Portal;
  /** What was ever set aside in each purse of a day, by its name; nothing is taken off when a call comes to nothing. */
  readonly reserved: ReadonlyMap<string, number>;
  /** The log. */
  readonly told: readonly LogEntry[];
  /** What a script sends: every header is its own choice, the address is not. */
  ask(asked: Asked): Promise<Response>;
  /** Takes back what was accepted with this answer. */
  takeBack(accepted: Response, site?: string): Promise<Response>;
  /** Works through what is due, then lets the time pass. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface Asked {
  phone: string;
  address: string | undefined;
  site?: string;
  key?: string;
  /** The slot, in RFC 3339. */
  at?: string;
  headers?: Readonly<Record<string, string>>;
}

export const PER_CALL = 50;

export function attackedRelay({
  perDay = 2_000,
  deploymentPerDay = 50_000,
  sites = ['shop'],
  settings = {},
}: AttackedRelayOptions = {}): AttackedRelay {
  const clock = fakeClock();
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'k3y', lines: { reg1332: 'Sales' } });
  const webhookUrl = new Secret(`https://portal.example${portal.webhookPath}`);
  const askPortal: typeof fetch = async (input, init) => portal.app.fetch(new Request(input, init));
  const { store, reserved } = countReservations(sqliteStore({ path: ':memory:', clock }));
  // Without a currency no price is heeded: calls that nobody answers cost what was set aside for them, and the ceiling is reached.
  const budget = { perCall: PER_CALL, perDay };
  const siteOf = (key: string) => exampleSite({ key, origins: [`https://${key}.example`], concurrency: 1_000, budget, ...settings });
  const told: LogEntry[] = [];
  const running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map(sites.map((key) => [key, siteOf(key)])),
      limits: USUAL_LIMITS,
      budget: { perDay: deploymentPerDay, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store,
    providers: new Map([['bitrix24', bitrix24({ name: 'bitrix24', webhookUrl, fetch: askPortal, clock })]]),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: (entry) => told.push(entry),
    version: '0.0.0',
  });

  return {
    clock,
    portal,
    reserved,
    told,
    async ask({ phone, address, site = sites[0] ?? '', key = crypto.randomUUID(), at, headers }) {
      const usual = { origin: `https://${site}.example`, 'content-type': 'application/json', 'idempotency-key': key };
      const body = JSON.stringify({ site, phone, at });
      return running.fetch(new Request('https://relay.example/v1/calls', { method: 'POST', headers: { ...usual, ...headers }, body }), {
        address,
      });
    },
    async takeBack(accepted, site = sites[0] ?? '') {
      const { id, statusToken } = (await accepted.json()) as CallAccepted;
      const headers = { origin: `https://${site}.example`, authorization: `Bearer ${statusToken}` };
      return running.fetch(new Request(`https://relay.example/v1/calls/${id}`, { method: 'DELETE', headers }), { address: undefined });
    },
    async pass(ms) {
      await running.drain();
      await clock.advance(ms);
    },
    close: () => running.close(),
  };
}

/** The most that falls into any window of this length; times in order. */
export function mostWithin(times: readonly number[], perMs: number): number {
  return Math.max(0, ...times.map((from, at) => times.slice(at).filter((time) => time < from + perMs).length));
}

/** The real store, listened to. */
function countReservations(store: Store): { store: Store; reserved: ReadonlyMap<string, number> } {
  const reserved = new Map<string, number>();
  const accept: Store['accept'] = async (draft, guard) => {
    const result = await store.accept(draft, guard);
    if (result.kind !== 'accepted') return result;
    for (const { key, amount } of guard.reservations ?? []) reserved.set(key, (reserved.get(key) ?? 0) + amount);
    return result;
  };
  return { store: { ...store, accept }, reserved };
}
