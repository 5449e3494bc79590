/**
 * An account's seat in a portal: which portal it is for, what is kept of the installation there, how a delivery proves to come from it,
 * and what the portal says of its end.
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { AuthServers } from './bitrix24-app-auth.ts';
import type { AppBindings } from './bitrix24-app-bindings.ts';
import { type AppRecord, type AppRecords, changeInstallation, type Installation, isInstalled } from './bitrix24-app-record.ts';
import { eventNameOf, type Fields, isSameToken, readTs } from './bitrix24-fields.ts';

export interface AppSeat {
  /** Of the account. */
  readonly name: string;
  readonly clientId: string;
  /** Of the one portal that may take the seat; undefined: any that fits `portal`. */
  readonly memberId: string | undefined;
  /** Origin by which the portal is known when it takes the seat, whatever it is called later; undefined: any. */
  readonly portal: string | undefined;
  readonly records: AppRecords;
  readonly auth: AuthServers;
  readonly bindings: AppBindings;
  /** Installations that the store did not take yet, by the refresh token that was delivered and is used up. */
  readonly unwritten: Map<string, Installation>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whose the installation of a portal is; undefined: nobody's yet. */
export async function findSeat(seats: readonly AppSeat[], memberId: string | undefined): Promise<AppSeat | undefined> {
  if (memberId === undefined || memberId === '') return undefined;
  for (const seat of seats) {
    if ((seat.memberId ?? (await recordOf(seat))?.memberId) === memberId) return seat;
  }
  return undefined;
}

/** Those that a portal which nobody knows yet may take. */
export async function findFreeSeats(seats: readonly AppSeat[]): Promise<AppSeat[]> {
  const free: AppSeat[] = [];
  for (const seat of seats) if (seat.memberId === undefined && (await recordOf(seat)) === undefined) free.push(seat);
  return free;
}

export async function recordOf({ records }: AppSeat): Promise<AppRecord | undefined> {
  return (await records.read())?.record;
}

/** The installation that a delivery proves to come from; undefined: it proves nothing. */
export async function prove(seat: AppSeat, fields: Fields): Promise<Installation | undefined> {
  const record = await recordOf(seat);
  if (!isInstalled(record)) return undefined;
  // Both are compared whatever the first comparison says.
  const isMember = isSameToken(fields.get('auth[member_id]'), record.memberId);
  const isPortal = isSameToken(fields.get('auth[application_token]'), record.applicationToken);
  return isMember && isPortal ? record : undefined;
}

/** An update or the end of an installation, from the portal that has proved itself; false where it is neither. */
export async function heed(seat: AppSeat, fields: Fields, from: Installation): Promise<boolean> {
  switch (eventNameOf(fields)) {
    case 'ONAPPUPDATE':
      await seat.bindings.bind(from);
      return true;
    case 'ONAPPUNINSTALL':
      await uninstall(seat, fields, from);
      return true;
    default:
      return false;
  }
}

/** One that is older than the installation, or of no time, was about another before it. `CLEAN`: nothing at all is to be kept. */
async function uninstall({ name, records, log }: AppSeat, fields: Fields, from: Installation): Promise<void> {
  const ts = readTs(fields);
  if (ts === undefined || ts < from.installedTs) return;
  const isClean = fields.get('data[clean]') === '1';
  await changeInstallation(records, from.applicationToken, (current) =>
    isClean ? undefined : { state: { kind: 'removed' }, memberId: current.memberId },
  );
  log({ level: 'warn', event: 'application.uninstalled', provider: name, message: 'The portal has uninstalled the application.' });
}
