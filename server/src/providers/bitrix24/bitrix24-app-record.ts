/**
 * What is kept of an application's installation: one text for each application and tenant, changed only by compare-and-swap, so that any
 * number of relay processes can share it. The tenant is its `member_id`; where its portal can be reached may change.
 */
import type { Clock } from '../../clock.ts';
import type { Credentials } from '../credentials.ts';

export interface Tokens {
  accessToken: string;
  /** Good for one exchange. */
  refreshToken: string;
  /** `https://<portal>/rest/`, as the authorisation server said. */
  clientEndpoint: string;
  /** Origin of the authorisation server, one of those that are allowed. */
  authServer: string;
}

export interface Installation {
  /**
   * `renewing`: somebody exchanges the refresh token, and until then (epoch ms) nobody else does; `by` is a random name of that one
   * attempt. `dead`: the authorisation server does not take the refresh token, and no other is known.
   */
  state: { kind: 'ready' } | { kind: 'renewing'; until: number; by: string } | { kind: 'dead' };
  memberId: string;
  /** Proves that an event comes from this portal. */
  applicationToken: string;
  tokens: Tokens;
  /** Where the portal delivers events. */
  eventAddress: string;
  /** When it is looked next (epoch ms) whether all events are bound, and how often in a row they could not be. Undefined: at once. */
  bindings?: { lookAt: number; failures: number } | undefined;
  /** `ts` of the delivery that installed it, seconds by the portal's clock; by the relay's where it had none. */
  installedTs: number;
}

/** Uninstalled without leave to forget whose it was: nobody else takes its place. */
export interface Removed {
  state: { kind: 'removed' };
  memberId: string;
}

export type AppRecord = Installation | Removed;

export interface KeptRecord {
  /** Undefined: what is kept was sealed by a secret that is not known any more. */
  record: AppRecord | undefined;
  version: number;
}

export interface AppRecords {
  read(): Promise<KeptRecord | undefined>;
  /** Durable before it answers; undefined erases. False: somebody was faster. */
  swap(version: number | undefined, record: AppRecord | undefined): Promise<boolean>;
}

export interface AppRecordsOptions {
  /** Name of the account whose view this is. */
  account: string;
  clientId: string;
  /** Of the portal that the settings name; undefined: of the one that was written down when it was installed. */
  memberId: string | undefined;
  credentials: Credentials;
  clock: Clock;
}

/** Which portal an account has, where the settings do not say. */
interface Seat {
  memberId: string;
}

export function appRecords({ account, clientId, memberId, credentials, clock }: AppRecordsOptions): AppRecords {
  const seatKey = `bitrix24_app:${account}`;
  const keyOf = (member: string) => `bitrix24_app:${clientId}:${member}`;

  async function readSeat(): Promise<{ memberId: string | undefined; version: number | undefined }> {
    const kept = await credentials.read(seatKey);
    if (kept?.text === undefined) return { memberId: undefined, version: kept?.version };
    // Nobody but us can have sealed it, so its shape is not in doubt.
    const said = JSON.parse(kept.text) as Seat | AppRecord;
    if (!('state' in said)) return { memberId: said.memberId, version: kept.version };
    await takeOver(said, kept.version);
    return readSeat();
  }

  /** Until tenants had records of their own, what was kept stood where the seat does. One that has been taken over is not written again. */
  async function takeOver(old: AppRecord, version: number): Promise<void> {
    const key = keyOf(old.memberId);
    if ((await credentials.read(key)) === undefined) await credentials.swap(key, undefined, JSON.stringify(dated(old)));
    const seat: Seat = { memberId: old.memberId };
    await credentials.swap(seatKey, version, JSON.stringify(seat));
  }

  /** An installation by opening the application used to say no time, so that any goodbye ended it. */
  function dated(old: AppRecord): AppRecord {
    return isInstalled(old) && old.installedTs === 0 ? { ...old, installedTs: Math.floor(clock.now() / 1000) } : old;
  }

  return {
    async read() {
      const seat = await readSeat();
      const member = memberId ?? seat.memberId;
      const kept = member === undefined ? undefined : await credentials.read(keyOf(member));
      return kept && { record: kept.text === undefined ? undefined : (JSON.parse(kept.text) as AppRecord), version: kept.version };
    },
    async swap(version, record) {
      const seat = await readSeat();
      const member = record?.memberId ?? memberId ?? seat.memberId;
      if (member === undefined) return false;
      if (record === undefined) {
        const isErased = await credentials.swap(keyOf(member), version, undefined);
        if (isErased && seat.version !== undefined) await credentials.swap(seatKey, seat.version, undefined);
        return isErased;
      }
      // The seat first: where the process dies in between, it is free, and nothing is kept that nobody finds.
      const taken: Seat = { memberId: member };
      if (seat.memberId !== member && !(await credentials.swap(seatKey, seat.version, JSON.stringify(taken)))) return false;
      return credentials.swap(keyOf(member), version, JSON.stringify(record));
    },
  };
}

/** Changes the installation as long as it is the one that proves itself by this token; undefined erases. False: it is another. */
export async function changeInstallation(
  records: AppRecords,
  applicationToken: string,
  next: (current: Installation) => AppRecord | undefined,
): Promise<boolean> {
  for (;;) {
    const kept = await records.read();
    if (!isInstalled(kept?.record) || kept.record.applicationToken !== applicationToken) return false;
    if (await records.swap(kept.version, next(kept.record))) return true;
  }
}

export function isInstalled(record: AppRecord | undefined): record is Installation {
  return record !== undefined && record.state.kind !== 'removed';
}
