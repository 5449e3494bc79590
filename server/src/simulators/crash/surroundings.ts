/** Everything around the relay under test, in this process and by one clock: the portal and its telephones, visitors, the company. */
import { type FakeClock, fakeClock } from '../fake-clock.ts';
import { ACCOUNTS, type AccountName, LEADS_URL, PORTAL_URLS, RELAY_URL } from './crash-settings.ts';
import type { Evidence } from './evidence.ts';
import { leadReceiver } from './lead-receiver.ts';
import type { RelayHooks, RelayProcess } from './relay-process.ts';
import type { SeededRandom } from './seeded-random.ts';
import { simulatePeople } from './simulated-people.ts';
import { troubledPortal } from './troubled-portal.ts';
import { type Visitors, visitors } from './visitors.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

export interface Surroundings {
  readonly clock: FakeClock;
  readonly crowd: Visitors;
  /** Notes what happens, with the time; `mark` is whose call it is about, if it is about one. */
  tell(mark: string | undefined, what: string): void;
  /** What was noted of one call, and of no call in particular. */
  traceOf(mark: string | undefined): string[];
  /** For the relay of this number. */
  hooks(life: number): RelayHooks;
  /** Whom the portal's events reach from now on. */
  connect(relay: RelayProcess | undefined): void;
  /** Portal and company do as they are asked from now on. */
  recover(): void;
  evidence(): Pick<Evidence, 'asks' | 'commands' | 'rings' | 'leads' | 'cards'>;
}

/** Portals are servers too: theirs is one address for all events. */
const PORTAL_ADDRESS = '192.0.2.250';
const LOST_SHARE = 0.1;
const DOUBLED_SHARE = 0.2;
const LATE_SHARE = 0.3;
const LATE_MS = { from: 100, until: 40_000 };

export function surroundings(random: SeededRandom): Surroundings {
  const clock = fakeClock();
  const notes: { at: number; mark: string | undefined; what: string }[] = [];
  const posts = random.branch('posts');
  let relay: RelayProcess | undefined;

  const tell: Surroundings['tell'] = (mark, what) => void notes.push({ at: clock.now(), mark, what });
  const portals = ACCOUNTS.map((account) => {
    const post = (event: WireRequest) => deliverSometime(account, event);
    const portal = troubledPortal({ clock, random: random.branch(`portal ${account}`), tell, post });
    simulatePeople(portal.telephones, clock, random.branch(`people ${account}`));
    return { url: PORTAL_URLS[account], portal };
  });
  const company = leadReceiver({ clock, random: random.branch('company'), tell: (callId, what) => tell(markOfCall(callId), what) });
  const crowd = visitors({ random: random.branch('visitors'), now: clock.now, tell });

  /** The portal sends an event once; on its way it may be lost, doubled or held up, and so overtaken. */
  function deliverSometime(account: AccountName, event: WireRequest): void {
    if (posts.chance(LOST_SHARE)) return;
    for (let copies = posts.chance(DOUBLED_SHARE) ? 2 : 1; copies > 0; copies -= 1) {
      clock.after(posts.chance(LATE_SHARE) ? posts.between(LATE_MS.from, LATE_MS.until) : 0, () => deliver(account, event));
    }
  }

  function deliver(account: AccountName, event: WireRequest): void {
    const path = relay?.eventPaths[account];
    if (relay === undefined || path === undefined) return;
    relay.request({ ...event, url: RELAY_URL + path }, PORTAL_ADDRESS).catch(() => {});
  }

  function answer(request: WireRequest): Promise<WireAnswer> {
    if (request.url === LEADS_URL) return company.take(request);
    const asked = portals.find(({ url }) => request.url.startsWith(`${url}/`));
    if (asked === undefined) throw new Error('That is nobody’s address.');
    return asked.portal.answer(request);
  }

  function markOfCall(id: string): string {
    const ask = crowd.asks.find(({ answers }) => answers.some((answer) => answer.kind === 'accepted' && answer.id === id));
    return ask?.mark ?? id;
  }

  return {
    clock,
    crowd,
    tell,
    traceOf: (wanted) =>
      notes
        .filter(({ mark }) => mark === wanted || mark === undefined)
        .map(({ at, what }) => `${new Date(at).toISOString().slice(11, 23)} ${what}`),
    hooks: (life) => ({
      // No timer of this side lies before, unless the relay has stood still: it was told to come no further than the next one.
      setTime: clock.set,
      answer,
      log({ callId, event, level, fault, message = '' }) {
        if (callId === undefined && level !== 'error') return;
        tell(callId === undefined ? undefined : markOfCall(callId), `relay ${life}: ${event} ${fault ?? message}`.trimEnd());
      },
    }),
    connect(next) {
      relay = next;
    },
    recover() {
      for (const { portal } of portals) portal.recover();
      company.recover();
    },
    evidence: () => ({
      asks: crowd.asks,
      commands: inOrder(portals.flatMap(({ portal }) => portal.commands)),
      rings: inOrder(portals.flatMap(({ portal }) => portal.rings)),
      cards: portals.flatMap(({ portal }) => portal.cards),
      leads: company.leads,
    }),
  };
}

function inOrder<T extends { at: number }>(things: readonly T[]): T[] {
  return [...things].sort((left, right) => left.at - right.at);
}
