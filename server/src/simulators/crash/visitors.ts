/** Visitors of the two sites: they fill in forms, send them twice, come back after a failure, look how it goes and change their minds. */
import type { PublicState } from '../../contract/calls.ts';
import { FURTHEST_SLOT_MS, RELAY_URL, SITES } from './crash-settings.ts';
import type { Ask, AskAnswer } from './evidence.ts';
import type { RelayProcess } from './relay-process.ts';
import { type SeededRandom, uuidFrom } from './seeded-random.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

export interface Visitors {
  readonly asks: readonly Ask[];
  /** One thing that a visitor does; resolves with the relay's answers. */
  act(relay: RelayProcess): Promise<void>;
  /** A number for which nobody comes back from now on, and no answer is awaited; undefined where there is none. */
  retire(): string | undefined;
  /** Everybody sends the form once more that he has sent before. */
  repeatAll(relay: RelayProcess): Promise<void>;
}

export interface VisitorsOptions {
  random: SeededRandom;
  now: () => number;
  tell: (mark: string, what: string) => void;
}

type OpenAsk = { -readonly [Key in keyof Ask]: Ask[Key] } & {
  answers: AskAnswer[];
  shown: PublicState[];
  statusToken: string | undefined;
  address: string;
  /** The slot that was chosen; undefined for now. */
  at: string | undefined;
  /** Answers that are awaited. */
  pending: number;
  isRetired: boolean;
};

/** Few enough that the same number is asked for again. */
const NUMBERS = 12;
const ADDRESSES = 40;
const SLOT_SHARE = 0.4;

export function visitors({ random, now, tell }: VisitorsOptions): Visitors {
  const asks: OpenAsk[] = [];

  function fillIn(): OpenAsk {
    const mark = markNumber(asks.length);
    const site = random.pick([...SITES.keys()]);
    const ask: OpenAsk = {
      mark,
      key: uuidFrom(random),
      site,
      at: chooseTime(site),
      number: `+49151123456${String(random.between(0, NUMBERS - 1)).padStart(2, '0')}`,
      address: `192.0.2.${random.between(1, ADDRESSES)}`,
      sends: 0,
      answers: [],
      shown: [],
      cancelled: false,
      statusToken: undefined,
      pending: 0,
      isRetired: false,
    };
    asks.push(ask);
    return ask;
  }

  /** One of the slots that lie ahead, where there are any; the nearest may have become too near. */
  function chooseTime(site: string): string | undefined {
    const everyMs = (SITES.get(site)?.slots?.everyMinutes ?? 0) * 60_000;
    if (everyMs === 0 || !random.chance(SLOT_SHARE)) return undefined;
    const nearest = Math.ceil(now() / everyMs) * everyMs;
    return new Date(nearest + everyMs * random.between(0, Math.floor(FURTHEST_SLOT_MS / everyMs) - 1)).toISOString();
  }

  async function send(ask: OpenAsk, relay: RelayProcess): Promise<void> {
    tell(ask.mark, 'sends the form');
    ask.sends += 1;
    ask.pending += 1;
    const body = JSON.stringify({ site: ask.site, phone: ask.number, name: ask.mark, at: ask.at });
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': ask.key };
    const answer = await relay.request(toRelay('POST', '/v1/calls', ask, headers, body), ask.address).finally(() => {
      ask.pending -= 1;
    });
    const read = readAnswer(answer, now());
    ask.answers.push(read.answer);
    ask.statusToken = read.statusToken ?? ask.statusToken;
    tell(ask.mark, `is told: ${read.answer.kind}${read.answer.kind === 'refused' ? ` (${read.answer.code})` : ''}`);
  }

  async function follow(ask: OpenAsk, relay: RelayProcess, method: 'GET' | 'DELETE'): Promise<void> {
    const accepted = ask.answers.find((answer) => answer.kind === 'accepted');
    if (accepted === undefined || ask.statusToken === undefined) return;
    const headers = { Authorization: `Bearer ${ask.statusToken}` };
    const answer = await relay.request(toRelay(method, `/v1/calls/${accepted.id}`, ask, headers), ask.address);
    const read = readView(answer);
    if (read.state !== undefined) ask.shown.push(read.state);
    if (method === 'DELETE' && read.state !== undefined) ask.cancelled = true;
    tell(ask.mark, `${method === 'GET' ? 'looks' : 'takes it back'}: ${read.state ?? read.code}`);
  }

  /** Mostly somebody who came lately. */
  function someone(): OpenAsk | undefined {
    const ask = asks.at(-random.between(1, Math.min(4, asks.length)));
    return ask?.isRetired ? undefined : ask;
  }

  return {
    asks,
    async act(relay) {
      const choice = random.next();
      if (choice < 0.5 || asks.length === 0) return send(fillIn(), relay);
      const ask = someone();
      if (ask === undefined) return;
      if (choice < 0.65) return send(ask, relay);
      if (choice < 0.75) return void (await Promise.all([send(ask, relay), send(ask, relay)]));
      return follow(ask, relay, choice < 0.85 ? 'DELETE' : 'GET');
    },
    retire() {
      const { number } = asks.at(-random.between(1, Math.min(4, asks.length))) ?? {};
      const mine = asks.filter((ask) => ask.number === number);
      if (number === undefined || mine.some(({ pending }) => pending > 0)) return undefined;
      for (const ask of mine) ask.isRetired = true;
      return number;
    },
    async repeatAll(relay) {
      for (const ask of asks) if (!ask.isRetired && ask.answers.some(({ kind }) => kind === 'accepted')) await send(ask, relay);
    },
  };
}

function toRelay(method: string, path: string, { site }: Ask, headers: Readonly<Record<string, string>>, body?: string): WireRequest {
  const all = { Origin: `https://${site}.example`, ...headers };
  return { url: RELAY_URL + path, method, headers: Object.entries(all), body };
}

function readAnswer(answer: WireAnswer, at: number): { answer: AskAnswer; statusToken?: string } {
  if (answer.kind !== 'response') return { answer: { kind: 'refused', at, code: answer.kind } };
  const told = JSON.parse(answer.body) as { id: string; statusToken: string; dialBefore: string; code: string };
  if (answer.status !== 202) return { answer: { kind: 'refused', at, code: told.code } };
  return { answer: { kind: 'accepted', at, id: told.id, dialBefore: Date.parse(told.dialBefore) }, statusToken: told.statusToken };
}

function readView(answer: WireAnswer): { state?: PublicState; code?: string } {
  return answer.kind === 'response' ? (JSON.parse(answer.body) as { state?: PublicState; code?: string }) : { code: answer.kind };
}

/** Letters alone, as a name must be: A, B … after 26 of them two letters. */
function markNumber(index: number): string {
  const letters = [Math.floor(index / 676), Math.floor(index / 26) % 26, index % 26];
  return `Visitor${letters.map((letter) => String.fromCharCode(97 + letter)).join('')}`;
}
