/**
 * Installing, updating and uninstalling the application. A delivery is trusted on first use only, so nothing of it is believed before
 * the authorisation server has exchanged the refresh token that came with it: its answer names the tenant and the portal's address,
 * and no delivery can make it give a pair for an application that is not ours. The application token is kept with that tenant.
 * https://apidocs.bitrix24.com/api-reference/common/events/on-app-install.html
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import type { InstallAnswer, InstallDelivery } from '../provider.ts';
import { type AuthServers, isToken } from './bitrix24-app-auth.ts';
import type { AppBindings } from './bitrix24-app-bindings.ts';
import { type HandedOver, readHandedOver } from './bitrix24-app-delivery.ts';
import { isMendedByTokens } from './bitrix24-app-faults.ts';
import {
  type AppRecord,
  type AppRecords,
  changeInstallation,
  type Installation,
  isInstalled,
  type KeptRecord,
} from './bitrix24-app-record.ts';
import type { Failure } from './bitrix24-faults.ts';
import { eventNameOf, type Fields, isSameToken, readFields, readTs } from './bitrix24-fields.ts';

export interface AppInstallerOptions {
  name: string;
  records: AppRecords;
  auth: AuthServers;
  bindings: AppBindings;
  /** The one tenant that may install it; undefined: the first that does. */
  memberId: string | undefined;
  clock: Clock;
  log: Log;
}

export interface AppInstaller {
  receive(delivery: InstallDelivery): Promise<InstallAnswer>;
  /** The installation that a delivery proves to come from; undefined: it proves nothing. */
  prove(fields: Fields): Promise<Installation | undefined>;
  /** An update that brings another application token: it has to prove itself as an installation does. False: it does not. */
  takeUpdate(fields: Fields): Promise<boolean>;
  /** An update or the end of an installation, from the portal that has proved itself; false where it is neither. */
  heed(fields: Fields, from: Installation): Promise<boolean>;
}

const EXCHANGE_WITHIN_MS = 12_000;

export function appInstaller({ name, records, auth, bindings, memberId, clock, log }: AppInstallerOptions): AppInstaller {
  async function prove(fields: Fields): Promise<Installation | undefined> {
    const record = (await records.read())?.record;
    if (!isInstalled(record)) return undefined;
    // Both are compared whatever the first comparison says.
    const isMember = isSameToken(fields.get('auth[member_id]'), record.memberId);
    const isPortal = isSameToken(fields.get('auth[application_token]'), record.applicationToken);
    return isMember && isPortal && isWanted(record) ? record : undefined;
  }

  function isWanted(record: AppRecord): boolean {
    return memberId === undefined || record.memberId === memberId;
  }

  /** Who may not install, whatever the authorisation server would say: asked before anything is sent anywhere. */
  function refusalOf(handed: HandedOver, kept: KeptRecord | undefined): string | undefined {
    if (memberId !== undefined) return handed.memberId === memberId ? undefined : 'other_portal';
    return kept?.record !== undefined && kept.record.memberId !== handed.memberId ? 'other_portal' : undefined;
  }

  async function install(handed: HandedOver, eventAddress: string): Promise<InstallAnswer> {
    const { shown } = handed;
    const kept = await records.read();
    const refusal = refusalOf(handed, kept);
    if (refusal !== undefined) return refuse(refusal, shown);
    // Opened again, by its own portal: what is kept is good, unless the portal says that it is not.
    let unbound: Failure | undefined;
    if (shown && isInstalled(kept?.record) && kept.record.state.kind !== 'dead' && isFrom(handed, kept.record)) {
      unbound = await bindings.bind(kept.record, bindings.addressFrom(eventAddress));
      if (unbound === undefined || !isMendedByTokens(unbound)) return answerBound(kept.record, unbound, shown);
    }
    const origin = auth.pick(handed.serverEndpoint);
    if (origin === undefined) return refuse('foreign_server', shown);
    const exchange = await auth.exchange(origin, handed.refreshToken, EXCHANGE_WITHIN_MS);
    if (exchange.kind === 'failed') return refuse(exchange.failure.fault.code, shown, exchange.failure.kind === 'not_sent');
    if (exchange.kind === 'denied') return answerDenied(handed, unbound);
    const { grant } = exchange;
    if (grant.memberId !== handed.memberId) return refuse('other_portal', shown);
    const { applicationToken, ts } = handed;
    const record: Installation = {
      state: { kind: 'ready' },
      memberId: grant.memberId,
      applicationToken,
      tokens: grant.tokens,
      eventAddress: bindings.addressFrom(eventAddress),
      installedTs: ts ?? Math.floor(clock.now() / 1000),
    };
    if (!(await keep(record, handed))) return refuse('other_portal', shown);
    log({ level: 'info', event: 'application.installed', provider: name });
    return bindAndAnswer(record, shown);
  }

  /** A pair that has just been exchanged takes the place of whatever the same tenant had. */
  async function keep(record: Installation, handed: HandedOver): Promise<boolean> {
    for (;;) {
      const kept = await records.read();
      if (refusalOf(handed, kept) !== undefined) return false;
      if (await records.swap(kept?.version, record)) return true;
    }
  }

  /** The same delivery again: its token was exchanged when it first came. */
  async function answerDenied(handed: HandedOver, unbound: Failure | undefined): Promise<InstallAnswer> {
    const record = (await records.read())?.record;
    if (isInstalled(record) && record.state.kind !== 'dead' && isFrom(handed, record)) return answerBound(record, unbound, handed.shown);
    return refuse('tokens_refused', handed.shown);
  }

  async function bindAndAnswer(record: Installation, shown: boolean): Promise<InstallAnswer> {
    return answerBound(record, await bindings.bind(record), shown);
  }

  /** Read once more: what was asked meanwhile may have taught where the portal is now. */
  async function answerBound(before: Installation, failure: Failure | undefined, shown: boolean): Promise<InstallAnswer> {
    const now = (await records.read())?.record;
    const record = isInstalled(now) ? now : before;
    if (failure === undefined) return answerInstalled(record, shown);
    const message = `The portal will not report how calls go on: ${failure.fault.message} Then open the application in the portal once more.`;
    return answerInstalled(record, shown, message);
  }

  function refuse(code: string, shown: boolean, mayRepeat = false): InstallAnswer {
    const message = REASONS[code] ?? OTHER_REASON;
    log({ level: 'warn', event: 'application.refused', provider: name, code, message });
    return { kind: 'refused', shown, code, message, mayRepeat };
  }

  async function takeUpdate(fields: Fields): Promise<boolean> {
    const handed = eventNameOf(fields) === 'ONAPPUPDATE' ? readHandedOver(fields) : undefined;
    const record = handed && (await records.read())?.record;
    if (!isInstalled(record) || record.memberId !== handed?.memberId) return false;
    return (await install(handed, record.eventAddress)).kind === 'installed';
  }

  async function heed(fields: Fields, from: Installation): Promise<boolean> {
    switch (eventNameOf(fields)) {
      case 'ONAPPUPDATE':
        await bindings.bind(from);
        return true;
      case 'ONAPPUNINSTALL':
        await uninstall(fields, from);
        return true;
      default:
        return false;
    }
  }

  /** One that is older than the installation, or of no time, was about another before it. `CLEAN`: nothing at all is to be kept. */
  async function uninstall(fields: Fields, from: Installation): Promise<void> {
    const ts = readTs(fields);
    if (ts === undefined || ts < from.installedTs) return;
    const isClean = fields.get('data[clean]') === '1';
    await changeInstallation(records, from.applicationToken, (current) =>
      isClean ? undefined : { state: { kind: 'removed' }, memberId: current.memberId },
    );
    log({ level: 'warn', event: 'application.uninstalled', provider: name, message: 'The portal has uninstalled the application.' });
  }

  return {
    prove,
    takeUpdate,
    heed,
    async receive({ contentType, body, eventAddress }) {
      const fields = readFields(contentType, body);
      try {
        const from = await prove(fields);
        const handed = readHandedOver(fields);
        // Who is installed already says so with the token alone; the tokens of an installation are exchanged all the same.
        if (from !== undefined && eventNameOf(fields) !== 'ONAPPINSTALL' && (await heed(fields, from))) return { kind: 'heeded' };
        if (handed === undefined || !isToken(handed.memberId)) return refuse('nothing_handed_over', false);
        return await install(handed, eventAddress);
      } catch {
        return refuse('store_unavailable', false, true);
      }
    },
  };
}

function isFrom(handed: HandedOver, record: Installation): boolean {
  return isSameToken(handed.applicationToken, record.applicationToken) && handed.memberId === record.memberId;
}

function answerInstalled({ tokens }: Installation, shown: boolean, message?: string): InstallAnswer {
  return { kind: 'installed', shown, frame: new URL(tokens.clientEndpoint).origin, message };
}

const OTHER_REASON = 'The authorisation server could not be asked. Try again, and check the way to it if that does not help.';

const REASONS: Readonly<Record<string, string>> = {
  other_portal: "The application belongs to another portal here. Set the account's member id to the one that is meant.",
  foreign_server: "The delivery names an authorisation server that is not Bitrix24's. Nothing was sent there.",
  tokens_refused: 'The authorisation server does not accept what was delivered. Install the application anew.',
  nothing_handed_over: 'The delivery holds nothing with which the application could be installed.',
  application_secret_wrong:
    "Bitrix24's authorisation server does not know the application by this id and secret. Copy both anew from the application's page.",
  application_unpaid: "The portal's subscription does not include applications any more. Renew it.",
  store_unavailable: 'The store cannot be written to at the moment. Try again.',
};
