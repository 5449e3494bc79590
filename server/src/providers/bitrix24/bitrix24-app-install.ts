/**
 * Installing the application. It has one address for installations, whichever portal it is installed in; a delivery goes to the account
 * that has the portal, or is free for it (bitrix24-app-seat.ts). It is trusted on first use only, so nothing of it is believed before
 * the authorisation server has exchanged the refresh token that came with it: its answer names the tenant and the portal's address,
 * and no delivery can make it give a pair for an application that is not ours. The application token is kept with that tenant.
 * https://apidocs.bitrix24.com/api-reference/common/events/on-app-install.html
 */
import type { InstallAnswer, InstallDelivery } from '../provider.ts';
import type { Grant } from './bitrix24-app-auth.ts';
import { type HandedOver, readHandedOver } from './bitrix24-app-delivery.ts';
import { isMendedByTokens } from './bitrix24-app-faults.ts';
import { type Installation, isInstalled } from './bitrix24-app-record.ts';
import { type AppSeat, findFreeSeats, findSeat, heed, prove, recordOf } from './bitrix24-app-seat.ts';
import type { Failure } from './bitrix24-faults.ts';
import { eventNameOf, type Fields, isSameToken, readFields } from './bitrix24-fields.ts';

export interface AppInstaller {
  receive(delivery: InstallDelivery): Promise<InstallAnswer>;
  /** An update that brings another application token: it has to prove itself as an installation does. False: it does not. */
  takeUpdate(fields: Fields): Promise<boolean>;
}

const EXCHANGE_WITHIN_MS = 12_000;

/** `seats`: of all accounts of the application; deliveries came to the address of `addressed`. */
export function appInstaller(addressed: AppSeat, seats: readonly AppSeat[]): AppInstaller {
  async function install(handed: HandedOver, owner: AppSeat | undefined, eventAddress: string): Promise<InstallAnswer> {
    const { shown } = handed;
    // Who may not install is told so before anything is sent anywhere.
    const open = owner === undefined ? await findFreeSeats(seats) : [owner];
    const [{ auth } = addressed] = open;
    if (open.length === 0) return refuse('other_portal', shown);
    // Opened again, by its own portal: what is kept is good, unless the portal says that it is not.
    let unbound: Failure | undefined;
    const known = owner && (await recordOf(owner));
    if (owner !== undefined && shown && isAlive(known) && isFrom(handed, known)) {
      unbound = await owner.bindings.bind(known, owner.bindings.addressFrom(eventAddress));
      if (unbound === undefined || !isMendedByTokens(unbound)) return answerBound(owner, known, unbound, shown);
    }
    const late = findUnwritten(open, handed);
    if (late !== undefined) return take({ ...late, handed });
    const origin = auth.pick(handed.serverEndpoint);
    if (origin === undefined) return refuse('foreign_server', shown);
    const exchange = await auth.exchange(origin, handed.refreshToken, EXCHANGE_WITHIN_MS);
    if (exchange.kind === 'failed') return refuse(exchange.failure.fault.code, shown, exchange.failure.kind === 'not_sent');
    if (exchange.kind === 'denied') return answerDenied(handed, unbound);
    const { grant } = exchange;
    const seat = grant.memberId === handed.memberId ? (owner ?? chooseSeat(open, grant)) : undefined;
    if (seat === undefined) return refuse('other_portal', shown);
    const record = recordFrom(seat, handed, grant, eventAddress);
    seat.unwritten.set(handed.refreshToken, record);
    return take({ seat, record, handed });
  }

  async function take({ seat, record, handed: { refreshToken, shown } }: Taken): Promise<InstallAnswer> {
    const taken = await write(seat, refreshToken, record);
    return taken === undefined ? refuse('other_portal', shown) : answerBound(seat, record, taken.unbound, shown);
  }

  /** The same delivery again: its token was exchanged when it first came. */
  async function answerDenied(handed: HandedOver, unbound: Failure | undefined): Promise<InstallAnswer> {
    const seat = await findSeat(seats, handed.memberId);
    const record = seat && (await recordOf(seat));
    if (seat !== undefined && isAlive(record) && isFrom(handed, record)) return answerBound(seat, record, unbound, handed.shown);
    return refuse('tokens_refused', handed.shown);
  }

  function refuse(code: string, shown: boolean, mayRepeat = false): InstallAnswer {
    const message = REASONS[code] ?? OTHER_REASON;
    addressed.log({ level: 'warn', event: 'application.refused', provider: addressed.name, code, message });
    return { kind: 'refused', shown, code, message, mayRepeat };
  }

  return {
    async takeUpdate(fields) {
      const handed = eventNameOf(fields) === 'ONAPPUPDATE' ? readHandedOver(fields) : undefined;
      const record = handed && (await recordOf(addressed));
      if (!isInstalled(record) || record.memberId !== handed?.memberId) return false;
      return (await install(handed, addressed, record.eventAddress)).kind === 'installed';
    },
    async receive({ contentType, body, eventAddress }) {
      const fields = readFields(contentType, body);
      const handed = readHandedOver(fields);
      try {
        const owner = await findSeat(seats, fields.get('auth[member_id]') ?? fields.get('member_id'));
        // Who is installed already says so with the token alone; the tokens of an installation are exchanged all the same.
        const from = owner && eventNameOf(fields) !== 'ONAPPINSTALL' ? await prove(owner, fields) : undefined;
        if (owner !== undefined && from !== undefined && (await heed(owner, fields, from))) return { kind: 'heeded' };
        return handed === undefined ? refuse('nothing_handed_over', false) : await install(handed, owner, eventAddress);
      } catch {
        return refuse('store_unavailable', handed?.shown ?? false, true);
      }
    },
  };
}

/** One that names the portal by its address comes before one that takes any. */
function chooseSeat(free: readonly AppSeat[], { tokens }: Grant): AppSeat | undefined {
  const origin = new URL(tokens.clientEndpoint).origin;
  return free.find(({ portal }) => portal === origin) ?? free.find(({ portal }) => portal === undefined);
}

function recordFrom({ bindings, clock }: AppSeat, handed: HandedOver, { memberId, tokens }: Grant, eventAddress: string): Installation {
  const { applicationToken, ts: installedTs = Math.floor(clock.now() / 1000) } = handed;
  return { state: { kind: 'ready' }, memberId, applicationToken, tokens, eventAddress: bindings.addressFrom(eventAddress), installedTs };
}

interface Taken {
  seat: AppSeat;
  record: Installation;
  handed: HandedOver;
}

/** What was exchanged when the store did not take it, for the portal that delivers it again. */
function findUnwritten(seats: readonly AppSeat[], handed: HandedOver): Pick<Taken, 'seat' | 'record'> | undefined {
  for (const seat of seats) {
    const record = seat.unwritten.get(handed.refreshToken);
    if (record !== undefined && isFrom(handed, record)) return { seat, record };
  }
  return undefined;
}

/** Writes down what the store did not take; undefined: there is nothing. Never throws. */
export function writeInstallations(seat: AppSeat): Promise<void> | undefined {
  if (seat.unwritten.size === 0) return undefined;
  return Promise.all([...seat.unwritten].map(([refreshToken, record]) => write(seat, refreshToken, record))).then(
    () => {},
    () => {},
  );
}

/** Undefined: another portal has the seat. */
async function write(seat: AppSeat, refreshToken: string, record: Installation): Promise<{ unbound: Failure | undefined } | undefined> {
  const isKept = await keep(seat, record);
  seat.unwritten.delete(refreshToken);
  if (!isKept) return undefined;
  seat.log({ level: 'info', event: 'application.installed', provider: seat.name });
  return { unbound: await seat.bindings.bind(record) };
}

/** A pair that has just been exchanged takes the place of whatever the same tenant had; false: another has the seat. */
async function keep({ records }: AppSeat, record: Installation): Promise<boolean> {
  for (;;) {
    const kept = await records.read();
    if (kept?.record !== undefined && kept.record.memberId !== record.memberId) return false;
    if (await records.swap(kept?.version, record)) return true;
  }
}

/** Read once more: what was asked meanwhile may have taught where the portal is now. */
async function answerBound(seat: AppSeat, before: Installation, failure: Failure | undefined, shown: boolean): Promise<InstallAnswer> {
  const now = await recordOf(seat);
  const { tokens } = isInstalled(now) ? now : before;
  const message =
    failure && `The portal will not report how calls go on: ${failure.fault.message} Then open the application in the portal once more.`;
  return { kind: 'installed', shown, frame: new URL(tokens.clientEndpoint).origin, message };
}

function isAlive(record: Parameters<typeof isInstalled>[0]): record is Installation {
  return isInstalled(record) && record.state.kind !== 'dead';
}

function isFrom(handed: HandedOver, record: Installation): boolean {
  return isSameToken(handed.applicationToken, record.applicationToken) && handed.memberId === record.memberId;
}

const OTHER_REASON = 'The authorisation server could not be asked. Try again, and check the way to it if that does not help.';

const REASONS: Readonly<Record<string, string>> = {
  other_portal:
    "The application belongs to another portal here. Name the one that is meant in the account's settings (`memberId` or `portal`).",
  foreign_server: "The delivery names an authorisation server that is not Bitrix24's. Nothing was sent there.",
  tokens_refused: 'The authorisation server does not accept what was delivered. Install the application anew.',
  nothing_handed_over: 'The delivery holds nothing with which the application could be installed.',
  application_secret_wrong:
    "Bitrix24's authorisation server does not know the application by this id and secret. Copy both anew from the application's page.",
  application_unpaid: "The portal's subscription does not include applications any more. Renew it.",
  store_unavailable: 'The store cannot be written to at the moment. Try again.',
};
