/** The relay under test: a process of its own with a real database file, whose time and whose network are in the harness's hands. */

import { drainTimer } from '../../calls/drain-timer.ts';
import { Secret } from '../../config/secret.ts';
import { webhookChannel } from '../../follow-ups/webhook-channel.ts';
import type { Log } from '../../log.ts';
import { bitrix24 } from '../../providers/bitrix24/bitrix24.ts';
import { type Relay, relay } from '../../relay.ts';
import { sqliteStore } from '../../store/sqlite-store.ts';
import { type FakeClock, fakeClock } from '../fake-clock.ts';
import { crashingProvider, crashingStore, passing } from './crash-points.ts';
import { ACCOUNT, CONFIG, EVENT_TOKEN, LEADS, LEADS_SECRET, LEADS_URL, SECRET, WEBHOOK_URL } from './crash-settings.ts';
import { seededRandom, uuidFrom } from './seeded-random.ts';
import { type Order, type Report, readWireRequest, writeWireAnswer } from './wire.ts';
import { wireFetch } from './wire-fetch.ts';

interface Opened {
  clock: FakeClock;
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

function open({ path, now, plan, seed }: Extract<Order, { kind: 'open' }>): Opened {
  const clock = fakeClock(now);
  const ids = seededRandom(`${seed}/ids`);
  // Of calls that were accepted in the same moment, the id decides which is dialled first.
  crypto.randomUUID = () => uuidFrom(ids);
  const pass = passing(plan, die);
  const wire = wireFetch(pass, (id, request) => say({ kind: 'request', id, request, now: clock.now() }));
  const log: Log = (entry) => void say({ kind: 'log', entry, now: clock.now() });
  const store = crashingStore(sqliteStore({ path, clock, onFatal: (error) => stop(error) }), pass);
  const portal = bitrix24({ name: ACCOUNT, webhookUrl: WEBHOOK_URL, eventToken: EVENT_TOKEN, fetch: wire.fetch, clock });
  const running = relay({
    config: CONFIG,
    store,
    providers: new Map([[ACCOUNT, crashingProvider(portal, pass)]]),
    channels: new Map([
      [LEADS, webhookChannel({ name: LEADS, url: new Secret(LEADS_URL), secret: LEADS_SECRET, fetch: wire.fetch, clock })],
    ]),
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
  return { clock, relay: running, answer: wire.answer };
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
    return say({ kind: 'opened', eventPath: opened.relay.eventPath(ACCOUNT) });
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
    default:
      return order satisfies never;
  }
}

process.on('message', (order) => void obey(order as Order).catch(stop));
// A harness that is gone needs no relay.
process.on('disconnect', () => process.exit());
void say({ kind: 'ready' });
