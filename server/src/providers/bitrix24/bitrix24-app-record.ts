/**
 * What is kept of an application's installation: one text for each account, changed only by compare-and-swap, so that any number of
 * relay processes can share it. The tenant is its `member_id`; where its portal can be reached may change.
 */
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

export function appRecords(account: string, credentials: Credentials): AppRecords {
  const key = `bitrix24_app:${account}`;
  return {
    async read() {
      const kept = await credentials.read(key);
      // Nobody but us can have sealed it, so its shape is not in doubt.
      return kept && { record: kept.text === undefined ? undefined : (JSON.parse(kept.text) as AppRecord), version: kept.version };
    },
    swap: (version, record) => credentials.swap(key, version, record && JSON.stringify(record)),
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
