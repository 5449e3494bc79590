/**
 * Which events of the portal reach the relay. The portal forgets them with every update of the application, and tells so once, whether
 * anybody listens or not. So they are looked at every day, and tried again and again while they cannot be bound.
 */
import type { Clock } from '../../clock.ts';
import type { Log } from '../../log.ts';
import { isRecord } from '../exchange.ts';
import type { Fault, Finding } from '../provider.ts';
import { type AppRecords, changeInstallation, type Installation, isInstalled } from './bitrix24-app-record.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import type { Failure } from './bitrix24-faults.ts';

/** Both of the external ones: the portal looks for a line's application by either (docs/providers/bridge.md). */
export const BOUND_EVENTS = [
  'ONVOXIMPLANTCALLINIT',
  'ONVOXIMPLANTCALLSTART',
  'ONVOXIMPLANTCALLEND',
  'ONEXTERNALCALLBACKSTART',
  'ONEXTERNALCALLSTART',
  'ONAPPUPDATE',
  'ONAPPUNINSTALL',
] as const;

export interface AppBindingsOptions {
  /** Of the account, for the log. */
  name: string;
  records: AppRecords;
  client: Bitrix24Client;
  /** At which the relay takes the account's events today; undefined: as when it was installed. */
  eventPath: string | undefined;
  clock: Clock;
  log: Log;
}

export interface AppBindings {
  /** Where the portal is to deliver, from where it did when the application was installed. */
  addressFrom(installedAddress: string): string;
  /** Binds what is not bound to the address, and keeps both in mind. Undefined: everything is bound; else what stood in the way. */
  bind(installation: Installation, address?: string): Promise<Failure | undefined>;
  /** Looks at what is bound; undefined: it is not time to. A fault: it is tried again, but somebody should know. Never throws. */
  keepUp(): Promise<Fault | undefined> | undefined;
}

/** How often the record is read to see whether there is anything to do. */
const READ_EVERY_MS = 60_000;
const LOOK_EVERY_MS = 86_400_000;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = 3_600_000;

export function appBindings({ name, records, client, eventPath, clock, log }: AppBindingsOptions): AppBindings {
  let readAt = Number.NEGATIVE_INFINITY;

  function addressFrom(installedAddress: string): string {
    return eventPath === undefined ? installedAddress : new URL(installedAddress).origin + eventPath;
  }

  async function bind(installation: Installation, address = addressFrom(installation.eventAddress)): Promise<Failure | undefined> {
    const failure = await bindEvents(client, address);
    if (failure !== undefined) {
      const message = `The portal will not report how calls go on: ${failure.fault.message}`;
      log({ level: 'warn', event: 'application.unbound', provider: name, code: failure.fault.code, message });
    }
    if (failure !== undefined || address !== installation.eventAddress || isDue(installation)) {
      await changeInstallation(records, installation.applicationToken, (current) => ({
        ...current,
        eventAddress: address,
        bindings: failure === undefined ? { lookAt: clock.now() + LOOK_EVERY_MS, failures: 0 } : retryAfter(current, clock.now()),
      }));
    }
    return failure;
  }

  function isDue({ bindings }: Installation): boolean {
    return bindings === undefined || bindings.failures > 0 || bindings.lookAt <= clock.now();
  }

  async function look(): Promise<Fault | undefined> {
    try {
      const kept = await records.read();
      if (!isInstalled(kept?.record) || kept.record.state.kind === 'dead') return undefined;
      const { record } = kept;
      const hasMoved = addressFrom(record.eventAddress) !== record.eventAddress;
      if (!hasMoved && (record.bindings?.lookAt ?? 0) > clock.now()) return undefined;
      // Said before it is done, so that of several processes one does it.
      const bindings = { lookAt: clock.now() + FIRST_RETRY_MS, failures: record.bindings?.failures ?? 0 };
      if (!(await records.swap(kept.version, { ...record, bindings }))) return undefined;
      const failure = await bind(record);
      return failure && unboundBecause(failure);
    } catch {
      return undefined;
    }
  }

  return {
    addressFrom,
    bind,
    keepUp() {
      if (clock.now() < readAt + READ_EVERY_MS) return undefined;
      readAt = clock.now();
      return look();
    },
  };
}

function retryAfter({ bindings }: Installation, now: number): Installation['bindings'] {
  const failures = (bindings?.failures ?? 0) + 1;
  return { lookAt: now + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)), failures };
}

function unboundBecause({ fault }: Failure): Fault {
  const message = `The portal does not report how calls go on, nor what its own forms ask for: ${fault.message} It is tried again, at least once an hour.`;
  return { code: 'events_unbound', message, problem: 'unavailable', configuration: true };
}

/** As often as it is called. */
async function bindEvents(client: Bitrix24Client, address: string): Promise<Failure | undefined> {
  const missing = await findUnbound(client, address);
  if (!Array.isArray(missing)) return missing;
  for (const event of missing) {
    const reply = await client.call('event.bind', { event, handler: address });
    if (reply.kind !== 'result') return reply;
  }
  return undefined;
}

export async function verifyBindings(client: Bitrix24Client, address: string): Promise<Finding> {
  const missing = await findUnbound(client, address);
  if (!Array.isArray(missing)) return { ok: false, code: missing.fault.code, message: missing.fault.message };
  if (missing.length === 0) return { ok: true, code: 'events_bound', message: 'The portal reports how calls go on.' };
  return {
    ok: false,
    code: 'events_unbound',
    message: `The portal does not report ${missing.join(', ')}. Open the application in the portal once, or install it anew.`,
  };
}

async function findUnbound(client: Bitrix24Client, address: string): Promise<string[] | Failure> {
  const reply = await client.call('event.get', {});
  if (reply.kind !== 'result') return reply;
  const bound = new Set(Array.isArray(reply.result) ? reply.result.filter(isRecord).filter(isOurs).map(nameOf) : []);
  return BOUND_EVENTS.filter((event) => !bound.has(event));

  function isOurs({ handler }: Record<string, unknown>): boolean {
    return handler === address;
  }
}

function nameOf({ event }: Record<string, unknown>): string {
  return String(event).toUpperCase();
}
