/**
 * Bitrix24 as an installed OAuth application: the portal hands over tokens when it is installed, and binds its events itself. What it
 * does with them is the same as by webhook (bitrix24-account.ts).
 * https://apidocs.bitrix24.com/settings/oauth/index.html
 */
import type { Clock } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import type { Log } from '../../log.ts';
import type { Credentials } from '../credentials.ts';
import { isRecord } from '../exchange.ts';
import type { Fault, Finding, Installer, Provider } from '../provider.ts';
import { bitrix24Account } from './bitrix24-account.ts';
import { authServers } from './bitrix24-app-auth.ts';
import { appBindings, verifyBindings } from './bitrix24-app-bindings.ts';
import { bitrix24AppClient } from './bitrix24-app-client.ts';
import { readAppEvent } from './bitrix24-app-events.ts';
import { appProblemOf } from './bitrix24-app-faults.ts';
import { appInstaller, writeInstallations } from './bitrix24-app-install.ts';
import { appRecords, isInstalled } from './bitrix24-app-record.ts';
import type { AppSeat } from './bitrix24-app-seat.ts';
import { appTokens } from './bitrix24-app-tokens.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import { verifyLine } from './bitrix24-setup.ts';

export interface Bitrix24AppOptions {
  /** Of the account in the configuration; what is kept is kept under it. */
  name: string;
  clientId: string;
  clientSecret: Secret;
  /** Of the one portal that the account is for; undefined: the first that installs it at the address below, or at all. */
  memberId?: string | undefined;
  /** Origin of that portal when it installs the application. */
  portal?: string | undefined;
  /** Origin of an authorisation server of one's own; undefined: Bitrix24's. */
  authServer?: string | undefined;
  /** At which the relay takes the account's events (`/events/…`); undefined: as it did when the application was installed. */
  eventPath?: string | undefined;
  credentials: Credentials;
  /** Must open a fresh connection for every request and never send one twice. */
  fetch: typeof fetch;
  /** For whatever is no dial; the same when absent. */
  pacedFetch?: typeof fetch | undefined;
  clock: Clock;
  log: Log;
}

export interface Bitrix24App {
  provider: Provider;
  /** Asks the portal whatever is not a call. */
  client: Bitrix24Client;
  /** For the one account of its application. */
  installer: Installer;
  /** For several of them (bitrix24-app-install.ts). */
  seat: AppSeat;
}

const WRITE_EVERY_MS = 5_000;

export function bitrix24App(options: Bitrix24AppOptions): Bitrix24App {
  const { name, clientId, clientSecret, memberId, portal, eventPath, fetch, pacedFetch = fetch, clock, log } = options;
  const records = appRecords({ account: name, clientId, memberId, credentials: options.credentials, clock });
  const auth = authServers({ clientId, clientSecret, own: options.authServer, fetch, clock });
  const tokens = appTokens({ name, records, auth, clock, log });
  // So that the pace of the portal is kept from the first dial on. Where there is no installation yet, there is nothing to know.
  void tokens.current();
  const client = bitrix24AppClient({ tokens, fetch, clock });
  const patient = pacedFetch === fetch ? client : bitrix24AppClient({ tokens, fetch: pacedFetch, clock });
  const bindings = appBindings({ name, records, client: patient, eventPath, clock, log });
  const seat: AppSeat = { name, clientId, memberId, portal, records, auth, bindings, unwritten: new Map(), clock, log };
  const installer = appInstaller(seat, [seat]);

  let writtenAt = Number.NEGATIVE_INFINITY;

  async function verify(line: string): Promise<Finding[]> {
    const installed = await verifyInstalled(client);
    if (!installed.ok) return [installed];
    const record = (await records.read())?.record;
    const address = isInstalled(record) ? bindings.addressFrom(record.eventAddress) : '';
    return [installed, ...(await verifyLine(client, line, 'application')), await verifyBindings(client, address)];
  }

  const account = bitrix24Account({
    name,
    client,
    // The portal's own name is known only once it is installed, and may change.
    host: () => tokens.portalHost() ?? `bitrix24-app:${name}`,
    reportsEvents: true,
    verify,
    readEvent: (contentType, body) => readAppEvent(contentType, body, { seat, takeUpdate: installer.takeUpdate }),
    clock,
  });
  /** What the store did not take comes first, and is tried every few seconds: it would be lost with the process. */
  function keepUp(): Promise<Fault | undefined> | undefined {
    if (clock.now() < writtenAt + WRITE_EVERY_MS) return bindings.keepUp();
    const work = tokens.writeHeld() ?? writeInstallations(seat);
    if (work === undefined) return bindings.keepUp();
    writtenAt = clock.now();
    return work.then(() => undefined);
  }

  return {
    provider: { ...account, problemOf: appProblemOf, keepUp },
    client: patient,
    installer,
    seat,
  };
}

/** No event is delivered before the installation has been finished. */
async function verifyInstalled(client: Bitrix24Client): Promise<Finding> {
  const reply = await client.call('app.info', {});
  if (reply.kind !== 'result') return { ok: false, code: reply.fault.code, message: reply.fault.message };
  if (isRecord(reply.result) && reply.result.INSTALLED === false) {
    return {
      ok: false,
      code: 'installation_unfinished',
      message: 'The portal waits for the installation to be finished. Open the application in the portal once.',
    };
  }
  return { ok: true, code: 'application_installed', message: 'The application is installed.' };
}
