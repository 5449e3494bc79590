/** The relay under test: a process of its own with a real database file, whose time and whose network are in the harness's hands. */

import { drainTimer } from '../../calls/drain-timer.ts';
import { Secret } from '../../config/secret.ts';
import { makeCards } from '../../follow-ups/make-cards.ts';
import { webhookChannel } from '../../follow-ups/webhook-channel.ts';
import type { Log } from '../../log.ts';
import { bitrix24AppClient } from '../../providers/bitrix24/bitrix24-app-client.ts';
import { makeAccounts } from '../../providers/registry.ts';
import { type Relay, relay } from '../../relay.ts';
import { sealedCredentials } from '../../store/sealed-credentials.ts';
import { sqlStore } from '../../store/sql-store.ts';
import { sqliteDriver } from '../../store/sqlite-driver.ts';
import { openSqlite } from '../../store/sqlite-file.ts';
import type { Store } from '../../store/store.ts';
import { vault } from '../../store/vault.ts';
import { type FakeClock, fakeClock } from '../fake-clock.ts';
import { crashingProvider, crashingStore, type Pass, passing } from './crash-points.ts';
import {
  ACCESS_TOKEN,
  ACCOUNTS,
  CONFIG,
  LEADS,
  LEADS_SECRET,
  LEADS_URL,
  PORTAL_URLS,
  PROVIDERS,
  SECRET,
  SITES,
  SPARE_ACCOUNT,
} from './crash-settings.ts';
import { seededRandom, uuidFrom } from './seeded-random.ts';
import { type Order, type Report, readWireRequest, writeWireAnswer } from './wire.ts';
import { wireFetch } from './wire-fetch.ts';

interface Opened {
  clock: FakeClock;
  store: Store;
  relay: Relay;
  answer: ReturnType<typeof wireFetch>['answer'];
}

/** Grows with everything that is said: whoever lets time pass stops when the harness has something to react to. */
let said = 0;
let opened: Opened | undefined;

/** Resolves when the words have left this process. */
function say(report: Report): Promise<void> {
  said += 1;
  return new Promise((resolve) => process.send?.(report, undefined, undefined, () => resolve()));
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing more is to happen in it.
  for (;;);
}

function open({ path, now, plan, freeze, seed }: Extract<Order, { kind: 'open' }>): Opened {
  const clock = fakeClock(now);
  const ids = seededRandom(`${seed}/ids`);
  // Of calls that were accepted in the same moment, the id decides which is dialled first.
  crypto.randomUUID = () => uuidFrom(ids);
  const doom = passing(plan, die);
  const faint = passing(freeze, () => clock.set(clock.now() + (freeze?.ms ?? 0)));
  const pass: Pass = (point) => {
    doom(point);
    faint(point);
  };
  const wire = wireFetch(pass, (id, request) => say({ kind: 'request', id, request, now: clock.now() }));
  const log: Log = (entry) => void say({ kind: 'log', entry, now: clock.now() });
  const store = crashingStore(sqliteDriver(openSqlite({ path }), stop), (driver) => sqlStore(driver, clock), pass);
  const credentials = sealedCredentials(store, vault(SECRET));
  const eventPathOf = (account: string) => `/events/${account}/crash`;
  const accounts = makeAccounts(PROVIDERS, { fetch: wire.fetch, pacedFetch: wire.fetch, clock, log, credentials, eventPathOf });
  const providers = [...accounts].map(([name, { provider }]) => [name, crashingProvider(provider, pass)] as const);
  const access = { kind: 'access', accessToken: ACCESS_TOKEN, clientEndpoint: `${PORTAL_URLS[SPARE_ACCOUNT]}/rest/` } as const;
  const tokens = { current: async () => access, renew: async () => access };
  // Calls are written down by an application, whose token these worlds never renew.
  const office = bitrix24AppClient({ tokens, fetch: wire.fetch, clock });
  const running = relay({
    config: CONFIG,
    store,
    providers: new Map(providers),
    channels: new Map([
      [LEADS, webhookChannel({ name: LEADS, url: new Secret(LEADS_URL), secret: LEADS_SECRET, fetch: wire.fetch, clock })],
    ]),
    cards: makeCards(SITES, new Map([[SPARE_ACCOUNT, { bitrix24: office }]]), clock),
    secret: SECRET,
    clock,
    log,
    fetch: wire.fetch,
    version: '0.0.0',
    random: seededRandom(seed).next,
    onDue: () => timer.wake(),
  });
  const timer = drainTimer({ begin: running.begin, store, clock, log });
  timer.wake();
  return { clock, store, relay: running, answer: wire.answer };
}

function stop(error: unknown): never {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(70);
}

async function advance(until: number, { clock }: Opened): Promise<void> {
  const before = said;
  await clock.advance(0);
  while (clock.now() < until && said === before) {
    await clock.advance(Math.min(until, clock.nextTimerAt() ?? until) - clock.now());
  }
  await say({ kind: 'quiet', now: clock.now() });
}

async function obey(order: Order): Promise<void> {
  if (order.kind === 'open') {
    opened = open(order);
    const { eventPath } = opened.relay;
    return say({ kind: 'opened', eventPaths: Object.fromEntries(ACCOUNTS.map((account) => [account, eventPath(account)])) });
  }
  if (opened === undefined) throw new Error(`The relay has not been opened: ${order.kind}`);
  switch (order.kind) {
    case 'request': {
      const response = await opened.relay.fetch(readWireRequest(order.request), { address: order.address, enforcesLength: true });
      return say({ kind: 'answer', id: order.id, answer: await writeWireAnswer(response) });
    }
    case 'advance':
      return advance(order.until, opened);
    case 'freeze':
      return opened.clock.set(order.until);
    case 'answer':
      return opened.answer(order.id, order.answer);
    case 'operate':
      return operate(order, opened);
    default:
      return order satisfies never;
  }
}

/** What commands to a running relay come to. */
async function operate({ verb, number }: Extract<Order, { kind: 'operate' }>, { clock, store }: Opened): Promise<void> {
  const keys = vault(SECRET).keysOf('number', number);
  if (verb === 'optOut') await store.optOut(keys, clock.now() + OPT_OUT_MS);
  else if (verb === 'forgetNumber') await store.forgetNumber(keys);
  else await store.retryQuarantined();
}

const OPT_OUT_MS = 600_000;

process.on('message', (order) => void obey(order as Order).catch(stop));
// A harness that is gone needs no relay.
process.on('disconnect', () => process.exit());
void say({ kind: 'ready' });
