/**
 * The application's tokens, kept good. A refresh token is good for one exchange and its successor is all that is left of the
 * installation, so however many dials in however many processes meet an expired token, one of them exchanges: it takes a lease in the
 * record itself, exchanges, and writes the new pair down before anybody uses it. The others wait for what it wrote.
 *
 * Whoever exchanged refresh token R holds R's successor. So it may write that down wherever the record still says R, even where its
 * lease has run out or somebody has meanwhile taken R's refusal for the end. Where the store does not take it, it is kept in memory and
 * tried again whenever tokens are needed. Only a process that dies between exchange and write loses an installation.
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { AuthServers, Grant } from './bitrix24-app-auth.ts';
import { DEAD, NOT_INSTALLED, NOT_RENEWED, TOKENS_OUT_OF_REACH } from './bitrix24-app-faults.ts';
import { type AppRecords, type Installation, isInstalled, type KeptRecord, type Tokens } from './bitrix24-app-record.ts';
import type { Failure } from './bitrix24-faults.ts';

export interface AppTokensOptions {
  /** Of the account, for the log. */
  name: string;
  records: AppRecords;
  auth: AuthServers;
  clock: Clock;
  log: Log;
}

export interface Access {
  kind: 'access';
  accessToken: string;
  clientEndpoint: string;
}

export interface AppTokens {
  /** As they are kept, expired or not. Never throws. */
  current(): Promise<Access | Failure>;
  /** Of the portal as it was known last; undefined while nothing is known of it. */
  portalHost(): string | undefined;
  /** Waits at most `withinMs` for a token other than `stale`. A failure proves nothing but that there is none yet. Never throws. */
  renew(stale: string, withinMs: number): Promise<Access | Failure>;
  /** Writes down what only this process knows; undefined: there is nothing. Never throws. */
  writeHeld: () => Promise<void> | undefined;
}

/** An exchange is given up after this long, well before its lease ends. */
const EXCHANGE_WITHIN_MS = 12_000;
const LEASE_MS = 20_000;
/** How often those who wait look whether there is a new pair. */
const LOOK_EVERY_MS = 250;
/** Long enough for somebody else's lease to end and for an exchange of our own. */
const FLIGHT_MS = LEASE_MS + EXCHANGE_WITHIN_MS;

export function appTokens({ name, records, auth, clock, log }: AppTokensOptions): AppTokens {
  const flights = new Map<string, Promise<Access | Failure>>();
  let portalHost: string | undefined;
  /** The pair that came for a refresh token, until it stands in the store. */
  let held: { from: string; tokens: Tokens } | undefined;

  function installedIn(kept: KeptRecord | undefined): Installation | undefined {
    return isInstalled(kept?.record) ? kept.record : undefined;
  }

  /** One for all who hold the same stale token. It goes on when those who wait for it have given up. */
  function fly(stale: string): Promise<Access | Failure> {
    const flight = flights.get(stale) ?? renewFor(stale).finally(() => flights.delete(stale));
    flights.set(stale, flight);
    return flight;
  }

  async function renewFor(stale: string): Promise<Access | Failure> {
    const landAt = clock.now() + FLIGHT_MS;
    try {
      while (clock.now() < landAt) {
        const written = await settleHeld();
        if (written !== undefined) return written;
        const kept = await records.read();
        const installation = installedIn(kept);
        if (kept === undefined || installation === undefined) return NOT_INSTALLED;
        const { state, tokens } = installation;
        if (state.kind === 'dead') return DEAD;
        if (state.kind === 'renewing' && state.until > clock.now()) await pause(clock, LOOK_EVERY_MS);
        else if (state.kind === 'ready' && tokens.accessToken !== stale) return accessOf(installation);
        else {
          const lease = crypto.randomUUID();
          const renewing: Installation = { ...installation, state: { kind: 'renewing', until: clock.now() + LEASE_MS, by: lease } };
          const ended = (await records.swap(kept.version, renewing)) ? await exchange(installation, lease) : undefined;
          if (ended !== undefined) return ended;
        }
      }
      return NOT_RENEWED;
    } catch {
      return TOKENS_OUT_OF_REACH;
    }
  }

  /** Undefined: somebody else has settled it meanwhile. */
  async function exchange(held: Installation, lease: string): Promise<Access | Failure | undefined> {
    const answer = await auth.exchange(held.tokens.authServer, held.tokens.refreshToken, EXCHANGE_WITHIN_MS);
    switch (answer.kind) {
      case 'granted':
        // Another tenant's pair would be nobody's mistake that we could mend.
        if (answer.grant.memberId !== held.memberId) return giveBack(lease, NOT_RENEWED);
        return writeDown(held, answer.grant);
      case 'denied':
        return endIfOurs(lease);
      case 'failed':
        return giveBack(lease, answer.failure);
      default:
        return answer satisfies never;
    }
  }

  /** Tries for as long as the lease lasts; whoever needs tokens later goes on with it. */
  async function writeDown({ tokens: { refreshToken: from } }: Installation, { tokens }: Grant): Promise<Access | undefined> {
    held = { from, tokens };
    const tryUntil = clock.now() + LEASE_MS;
    for (;;) {
      try {
        return await settleHeld();
      } catch (error) {
        if (clock.now() >= tryUntil) throw error;
        await pause(clock, LOOK_EVERY_MS);
      }
    }
  }

  /** Undefined: nothing is held, or the record has gone on without it. */
  async function settleHeld(): Promise<Access | undefined> {
    while (held !== undefined) {
      const mine = held;
      const { from, tokens } = mine;
      const kept = await records.read();
      const installation = installedIn(kept);
      if (kept === undefined || installation?.tokens.refreshToken !== from) {
        letGo(mine);
        return undefined;
      }
      const renewed: Installation = { ...installation, tokens, state: { kind: 'ready' } };
      if (await records.swap(kept.version, renewed)) {
        letGo(mine);
        log({ level: 'info', event: 'application.renewed', provider: name });
        return accessOf(renewed);
      }
    }
    return undefined;
  }

  function letGo(mine: typeof held): void {
    if (held === mine) held = undefined;
  }

  /** The refusal of a token that somebody else has exchanged is no news: then the record is not as we left it. */
  async function endIfOurs(lease: string): Promise<Failure | undefined> {
    if (!(await settle(lease, { kind: 'dead' }))) return undefined;
    log({ level: 'error', event: 'application.dead', provider: name, message: DEAD.fault.message });
    return DEAD;
  }

  async function giveBack(lease: string, failure: Failure): Promise<Failure> {
    await settle(lease, { kind: 'ready' });
    return failure;
  }

  /** False where the lease is not ours any more. */
  async function settle(lease: string, state: Installation['state']): Promise<boolean> {
    const kept = await records.read();
    if (!isInstalled(kept?.record)) return false;
    const { state: held } = kept.record;
    return held.kind === 'renewing' && held.by === lease && (await records.swap(kept.version, { ...kept.record, state }));
  }

  return {
    async current() {
      try {
        const written = await settleHeld();
        if (written !== undefined) return written;
        const installation = installedIn(await records.read());
        if (installation === undefined) return NOT_INSTALLED;
        portalHost = new URL(installation.tokens.clientEndpoint).host;
        return installation.state.kind === 'dead' ? DEAD : accessOf(installation);
      } catch {
        return TOKENS_OUT_OF_REACH;
      }
    },
    portalHost: () => portalHost,
    writeHeld: () =>
      held &&
      settleHeld().then(
        () => {},
        () => {},
      ),
    renew: (stale, withinMs) => atMost(fly(stale), withinMs, clock),
  };
}

function accessOf({ tokens: { accessToken, clientEndpoint } }: Installation): Access {
  return { kind: 'access', accessToken, clientEndpoint };
}

function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}

async function atMost(flight: Promise<Access | Failure>, withinMs: number, clock: Clock): Promise<Access | Failure> {
  let cancel = () => {};
  const late = new Promise<Failure>((resolve) => {
    cancel = clock.after(withinMs, () => resolve(NOT_RENEWED));
  });
  try {
    return await Promise.race([flight, late]);
  } finally {
    cancel();
  }
}
