/**
 * Stands before every provider account: how fast it may be asked, and whether it is worth dialling at all. It lives as long as
 * the process, longer than any configuration, and knows an account by its `Provider`: one that was set up anew starts afresh.
 */
import type { Clock } from '../clock.ts';
import type { Outcome, Pace, Provider } from '../providers/provider.ts';
import { type Breaker, type BreakerTurn, breaker } from './breaker.ts';
import { type OutageNews, outageNews } from './outage-news.ts';
import { pacedReads, type Queue, waitForTurn } from './paced-reads.ts';
import { type TokenBucket, tokenBucket } from './token-bucket.ts';

export interface ProviderGate {
  /** When the account could take one more dial, epoch ms; not after now: at once. Takes nothing. */
  readyAt(provider: Provider): number;
  /** Begins one look through due calls. */
  lookThrough(): Turns;
  /** What became of a dial from `line`. */
  note(provider: Provider, line: string, outcome: Outcome): BreakerTurn | undefined;
  /** Accounts that are to be asked now whether they answer, each with the line that last failed. Each has to be given to `probed`. */
  takeProbes(providers: Iterable<Provider>): { provider: Provider; line: string }[];
  probed(provider: Provider, answered: boolean): BreakerTurn | undefined;
  /** Accounts of which the operator is to be told now that they cannot be reached, or can be again. Each is taken as told. */
  takeNews(providers: Iterable<Provider>): { provider: Provider; turn: BreakerTurn }[];
  /** The same provider, whose reads wait for their turn; known here as the same account. */
  pace(provider: Provider): Provider;
  /** The same `fetch`, which waits for its turn wherever a provider of this gate has set the host's pace. */
  paceFetch(fetch: typeof globalThis.fetch): typeof globalThis.fetch;
}

/** Asked within a transaction, which may be run twice: a call that is asked about again gets the same answer. */
export interface Turns {
  /**
   * By which of `providers`, the first being the one that is wished for, the call is to be made. Undefined: there is none. Another than
   * the first only where that one would keep the call waiting and the other has a place at once.
   */
  choose(callId: string, providers: readonly Provider[]): Turn | undefined;
  /** Gives back the places of those that were not claimed after all. */
  end(claimed: ReadonlySet<string>): void;
}

export interface Turn {
  provider: Provider;
  /** Undefined: the call may be claimed now, and its place is kept. Otherwise when to look at it again, epoch ms. */
  waitUntil: number | undefined;
}

/** For so long a call waits for the account that was wished for before it goes elsewhere: the pace of an account is no fault. */
const PATIENCE_MS = 3_000;

/** Share of a burst that only dials may use: a visitor waits for a dial, nobody for a question. */
const LEFT_FOR_DIALS = 0.2;

/** A provider may ask for a pause, but not for a longer one than this. */
const LONGEST_REST_MS = 600_000;

interface Account {
  breaker: Breaker;
  news: OutageNews;
  pace: Pace | undefined;
  /** The one that it took from last; `bucketOf` says which it is now. */
  bucket: TokenBucket | undefined;
  /** Between two dials when nothing is saved up. */
  spacingMs: number;
  /** The provider asked to be left alone until then. */
  restUntil: number;
  line: string;
}

export function providerGate(clock: Clock): ProviderGate {
  const accounts = new WeakMap<Provider, Account>();
  /** By host: shared by all accounts that ask there. */
  const buckets = new Map<string, TokenBucket>();
  /** By name, as they were last set up. */
  const paced = new Map<string, Account>();

  function accountOf(provider: Provider): Account {
    const known = accounts.get(provider);
    if (known !== undefined) return known;
    const { pace } = provider;
    const spacingMs = pace ? 1000 / pace.perSecond : 0;
    const account: Account = { breaker: breaker(), news: outageNews(), pace, bucket: undefined, spacingMs, restUntil: 0, line: '' };
    accounts.set(provider, account);
    if (pace !== undefined) paced.set(provider.name, account);
    return account;
  }

  /** Undefined where the provider sets no pace. An account that learns its host takes along what it has used, unless others ask there. */
  function bucketOf(account: Account): TokenBucket | undefined {
    const { pace } = account;
    if (pace === undefined) return undefined;
    const bucket = buckets.get(pace.host) ?? account.bucket ?? tokenBucket(pace);
    buckets.set(pace.host, bucket);
    account.bucket = bucket;
    return bucket;
  }

  /** When the account will be at peace again; undefined: it is. */
  function barredUntil(account: Account, now: number): number | undefined {
    account.restUntil = Math.min(account.restUntil, now + LONGEST_REST_MS);
    const openAgainAt = account.breaker.barredUntil(now);
    if (openAgainAt === undefined && account.restUntil <= now) return undefined;
    return Math.max(openAgainAt ?? 0, account.restUntil);
  }

  /** When the account could take one more dial. Takes nothing. */
  function readyAt(account: Account, now: number): number {
    const barred = barredUntil(account, now);
    const bucket = bucketOf(account);
    if (barred !== undefined || bucket === undefined) return barred ?? now;
    const freeAt = bucket.take(now);
    if (freeAt === undefined) bucket.giveBack();
    return freeAt ?? now;
  }

  function queueAt(bucket: TokenBucket | undefined): Queue | undefined {
    return bucket && { bucket, clock, leaving: bucket.burst * LEFT_FOR_DIALS };
  }

  function lookThrough(): Turns {
    const turns = new Map<string, Turn | undefined>();
    const places = new Map<string, TokenBucket>();
    const waiting = new Map<TokenBucket, number>();

    /** Behind those that wait already. */
    function turnAt(account: Account, now: number): number {
      const at = readyAt(account, now);
      const bucket = bucketOf(account);
      const ahead = at > now && bucket !== undefined ? (waiting.get(bucket) ?? 0) : 0;
      return Math.ceil(at + ahead * account.spacingMs);
    }

    function pick(callId: string, providers: readonly Provider[]): Turn | undefined {
      const now = clock.now();
      const known = providers.map((provider) => ({ provider, at: turnAt(accountOf(provider), now) }));
      const [wished] = known;
      if (wished === undefined) return undefined;
      // Of those that are ready at once it is the first; where none is, the call is looked at again when one will be.
      const soonest = known.reduce((best, each) => (each.at < best.at ? each : best));
      const { provider } = wished.at > now + PATIENCE_MS ? soonest : wished;
      return { provider, waitUntil: takePlace(callId, accountOf(provider), now) };
    }

    function takePlace(callId: string, account: Account, now: number): number | undefined {
      const bucket = bucketOf(account);
      const barred = barredUntil(account, now);
      if (barred !== undefined || bucket === undefined) return barred;
      const freeAt = bucket.take(now);
      if (freeAt === undefined) {
        places.set(callId, bucket);
        return undefined;
      }
      // One after another, so that they do not all wake up for the same token.
      const ahead = waiting.get(bucket) ?? 0;
      waiting.set(bucket, ahead + 1);
      return Math.ceil(freeAt + ahead * account.spacingMs);
    }

    return {
      choose(callId, providers) {
        if (!turns.has(callId)) turns.set(callId, pick(callId, providers));
        return turns.get(callId);
      },
      end(claimed) {
        for (const [callId, bucket] of places) if (!claimed.has(callId)) bucket.giveBack();
        places.clear();
      },
    };
  }

  return {
    readyAt: (provider) => readyAt(accountOf(provider), clock.now()),
    lookThrough,
    note(provider, line, outcome) {
      const account = accountOf(provider);
      const now = clock.now();
      if (outcome.kind === 'uncertain') return undefined;
      if (outcome.kind !== 'not_sent') return account.breaker.note('reached', now);
      // Our own time was over; it says nothing of who would have been reached.
      if (outcome.fault.code === 'out_of_time') return undefined;
      // Whatever is in the way, it does not get better by all that is waiting being sent at once.
      bucketOf(account)?.empty(now);
      account.restUntil = Math.max(account.restUntil, outcome.retryAt ?? 0);
      account.line = line;
      return account.breaker.note('not_reached', now);
    },
    takeProbes(providers) {
      const now = clock.now();
      return [...providers].flatMap((provider) => {
        const account = accounts.get(provider);
        return account?.breaker.startProbe(now) ? [{ provider, line: account.line }] : [];
      });
    },
    probed(provider, answered) {
      const account = accountOf(provider);
      const turn = account.breaker.probed(answered, clock.now());
      // Those that wait go at the provider's pace, not with all that was saved up while nobody was dialled.
      if (turn === 'closed') bucketOf(account)?.empty(clock.now());
      return turn;
    },
    takeNews(providers) {
      const now = clock.now();
      return [...providers].flatMap((provider) => {
        const account = accounts.get(provider);
        const turn = account?.news.take(account.breaker.reach(), now);
        return turn === undefined ? [] : [{ provider, turn }];
      });
    },
    pace(provider) {
      const account = accountOf(provider);
      const patient = pacedReads(provider, () => queueAt(bucketOf(account)));
      accounts.set(patient, account);
      return patient;
    },
    paceFetch: (fetch) => async (input, init) => {
      // Whoever has learnt its host since is known by it from now on.
      for (const account of paced.values()) bucketOf(account);
      const queue = queueAt(buckets.get(new URL(input instanceof Request ? input.url : input).host));
      if (queue !== undefined) await waitForTurn({ ...queue, signal: init?.signal });
      return fetch(input, init);
    },
  };
}
