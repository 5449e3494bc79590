/** A portal that misbehaves by chance, with a log of every dial command that reached it and of what the relay may know about it. */

import type { Misbehaviour } from '../bitrix24/misbehaviour.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../bitrix24/portal.ts';
import type { FakeClock } from '../fake-clock.ts';
import { ACCESS_TOKEN, EVENT_TOKEN, LINES, markOf, PORTAL_SECRET, PORTAL_USER } from './crash-settings.ts';
import type { Card, DialCommand, Ring } from './evidence.ts';
import type { SeededRandom } from './seeded-random.ts';
import { readWireRequest, type WireAnswer, type WireRequest, writeWireAnswer } from './wire.ts';

export interface TroubledPortal {
  readonly commands: readonly DialCommand[];
  readonly rings: readonly Ring[];
  readonly cards: readonly Card[];
  readonly telephones: Bitrix24Portal['telephones'];
  answer(request: WireRequest): Promise<WireAnswer>;
  /** From now on it answers every question properly. */
  recover(): void;
}

export interface TroubledPortalOptions {
  clock: FakeClock;
  random: SeededRandom;
  /** Takes an event on its way to the relay. */
  post: (request: WireRequest) => void;
  tell: (mark: string | undefined, what: string) => void;
}

type Trouble = Misbehaviour | { kind: 'unreachable' } | undefined;

export function troubledPortal({ clock, random, post, tell }: TroubledPortalOptions): TroubledPortal {
  let isTroubled = true;
  const commands: DialCommand[] = [];
  const troubles = random.branch('troubles');
  const portal = bitrix24Portal({
    clock,
    userId: PORTAL_USER,
    webhookSecret: PORTAL_SECRET,
    lines: LINES,
    accessTokens: [ACCESS_TOKEN],
    random: random.branch('ids').next,
    events: {
      url: () => 'https://relay.example/events',
      token: EVENT_TOKEN.reveal(),
      fetch: async (url, init) => {
        const headers = [...new Headers(init?.headers)];
        post({ url: String(url), method: 'POST', headers, body: String(init?.body) });
        return new Response(null, { status: 204 });
      },
    },
  });

  async function dial(request: WireRequest): Promise<WireAnswer> {
    const { TO_NUMBER: number = '', TEXT_TO_PRONOUNCE: announcement = '' } = JSON.parse(request.body ?? '{}') as Record<string, string>;
    const trouble = isTroubled ? dialTrouble(troubles) : undefined;
    const command = { mark: markOf(announcement) ?? announcement, number, at: clock.now(), answer: 'unclear' as DialCommand['answer'] };
    commands.push(command);
    tell(command.mark, `dial command reaches the portal (${trouble?.kind ?? 'good'})`);
    const answer = await askPortal(request, trouble);
    command.answer = judge(answer);
    tell(command.mark, `the portal answers: ${command.answer}`);
    return answer;
  }

  async function askPortal(request: WireRequest, trouble: Trouble): Promise<WireAnswer> {
    if (trouble?.kind === 'unreachable') return { kind: 'unreachable' };
    if (trouble !== undefined) portal.misbehave(methodOf(request), trouble);
    return writeWireAnswer(await portal.app.fetch(readWireRequest(request)));
  }

  return {
    commands,
    telephones: portal.telephones,
    get rings() {
      return portal.telephones.dials.map(({ announcement, number, dialledAt, connectedAt }) => ({
        mark: markOf(announcement) ?? announcement,
        number,
        at: dialledAt,
        connected: connectedAt !== undefined,
      }));
    },
    get cards() {
      return portal.external.cards.map(({ externalCallId, registeredAt, endings }) => {
        return { callId: externalCallId, registeredAt, endings: endings.length };
      });
    },
    answer(request) {
      if (methodOf(request) === 'voximplant.callback.start') return dial(request);
      return askPortal(request, isTroubled ? readTrouble(troubles) : undefined);
    },
    recover() {
      isTroubled = false;
    },
  };
}

function methodOf({ url }: WireRequest): string {
  return new URL(url).pathname.split('/').at(-1) ?? '';
}

/** Half of the dials go well. A slow answer may come after the relay has given up, and after the lease. */
function dialTrouble(random: SeededRandom): Trouble {
  if (random.chance(0.5)) return undefined;
  return random.pick<() => Trouble>([
    () => ({ kind: 'slow', delayMs: random.between(500, 14_000) }),
    () => ({ kind: 'slow', delayMs: random.between(15_000, 40_000) }),
    () => ({ kind: 'hang', executes: true }),
    () => ({ kind: 'hang', executes: false }),
    () => ({ kind: 'drop', executes: true }),
    () => ({ kind: 'drop', executes: false }),
    () => ({ kind: 'truncated' }),
    () => ({ kind: 'without_call_id' }),
    () => ({ kind: 'error', name: 'tooManyRequests' }),
    () => ({ kind: 'error', name: 'tooManyRequests' }),
    () => ({ kind: 'error', name: 'badNumber' }),
    () => ({ kind: 'error', name: 'internalError' }),
    () => ({ kind: 'answer', status: 502, contentType: 'text/html', body: '<h1>Bad gateway</h1>', executes: random.chance(0.5) }),
    () => ({ kind: 'unreachable' }),
  ])();
}

function readTrouble(random: SeededRandom): Trouble {
  if (random.chance(0.7)) return undefined;
  return random.pick<Trouble>([
    { kind: 'slow', delayMs: 20_000 },
    { kind: 'hang', executes: false },
    { kind: 'drop', executes: false },
    { kind: 'error', name: 'tooManyRequests' },
    { kind: 'unreachable' },
  ]);
}

/** What an answer proves to whoever sent the command, were it to arrive. */
function judge(answer: WireAnswer): DialCommand['answer'] {
  if (answer.kind === 'unreachable') return 'not_sent';
  if (answer.kind === 'broken') return 'unclear';
  const { result, error } = readJson(answer.body);
  if (result !== undefined) return 'placed';
  if (error === 'QUERY_LIMIT_EXCEEDED' || error === 'OPERATION_TIME_LIMIT') return 'not_sent';
  return answer.status < 500 && error !== undefined ? 'refused' : 'unclear';
}

function readJson(text: string): { result?: unknown; error?: unknown } {
  try {
    return JSON.parse(text) as { result?: unknown; error?: unknown };
  } catch {
    return {};
  }
}
