/** Whether providers can tell the relay how calls go on. The address is a secret, so the doctor names the command that shows it. */
import type { Config, ProviderConfig } from '../../config/config.ts';
import { listEventAddresses } from '../../platforms/event-addresses.ts';
import type { RelayReport } from '../../platforms/relay-desk.ts';
import { type Diagnosis, diagnoses } from './diagnosis.ts';

interface Surroundings {
  report: RelayReport | undefined;
  /** Where the relay is reached from outside, without a slash at its end; undefined: nobody has said. */
  base: string | undefined;
  fetch: typeof fetch;
  now: number;
}

const PROBE_WITHIN_MS = 10_000;

export async function lookAtEvents(config: Config, { report, base, fetch, now }: Surroundings): Promise<Diagnosis[]> {
  const found: Diagnosis[] = [];
  for (const [name, account] of config.providers) {
    if (account.type === 'bitrix24' && account.eventToken === undefined) {
      const message = `Without events the relay learns late, or never, how a call ended. Set the event token (BITRIX24_EVENT_TOKEN, or eventToken), and enter the address that \`ringback events-url ${name}\` prints in an outgoing webhook.`;
      found.push(diagnoses(`account ${name}`).note('events_not_taken', message));
    } else {
      found.push(lookAtArrivals(name, account, report, now));
    }
    if (base !== undefined) found.push(await probe(config, name, base, fetch));
  }
  return found;
}

function lookAtArrivals(name: string, account: ProviderConfig, report: RelayReport | undefined, now: number): Diagnosis {
  const { ok, note, problem } = diagnoses(`account ${name}`);
  if (report === undefined)
    return note('events_unchecked', `Whether events arrive can be seen while the relay runs. Where they belong: ${PLACES[account.type]}`);
  const seen = report.sightings.find(({ provider }) => provider === name);
  const believedAt = seen?.believedAt ?? Number.NEGATIVE_INFINITY;
  if (seen?.forgedAt !== undefined && seen.forgedAt > believedAt) {
    const message = `What arrived last, ${describeAge(now - seen.forgedAt)} ago, did not prove itself. ${REMEDIES[account.type]}`;
    return problem('events_forged', message);
  }
  if (seen?.believedAt !== undefined) return ok('events_arrive', `The last event arrived ${describeAge(now - believedAt)} ago.`);
  return note(
    'events_unseen',
    `No event has arrived since the relay was started. Make a test call; if none comes then, look at this: ${PLACES[account.type]}`,
  );
}

const PLACES: Readonly<Record<ProviderConfig['type'], string>> = {
  bitrix24: 'an outgoing webhook for the three ONVOXIMPLANTCALL… events, with the address that `ringback events-url` prints.',
  bitrix24_app: 'the application binds them when it is installed; install it again if the address of the relay has changed.',
  telphin: 'an event subscription of the extension, with the address that `ringback events-url` prints.',
};

const REMEDIES: Readonly<Record<ProviderConfig['type'], string>> = {
  bitrix24: 'Copy the token that the outgoing webhook shows into the event token (BITRIX24_EVENT_TOKEN, or eventToken).',
  bitrix24_app: 'It was not sent by the portal that the application is installed in. Install the application again if it was meant to be.',
  telphin: 'Make the subscription anew with the address that `ringback events-url` prints.',
};

/** An empty body is no event: the relay refuses or ignores it at the right address, and knows no other address. */
async function probe(config: Config, name: string, base: string, fetch: typeof globalThis.fetch): Promise<Diagnosis> {
  const { ok, problem } = diagnoses(`account ${name}`);
  const path = addressOf(config, name);
  if (typeof path !== 'string') return problem('events_address_unknown', path.fault);
  try {
    const { status } = await fetch(base + path, { method: 'POST', redirect: 'manual', signal: AbortSignal.timeout(PROBE_WITHIN_MS) });
    if ([200, 204, 403].includes(status)) return ok('events_reachable', `The address for events is reached at ${base}.`);
    const why = status === 404 ? 'something else answers there, or a relay with another secret' : `it answers ${status}`;
    return problem('events_unreachable', `The address for events is not at ${base}: ${why}. Check the proxy in front of the relay.`);
  } catch {
    // The error may hold the address, which is a secret.
    return problem(
      'events_unreachable',
      `${base} does not answer from here. Check name, port, certificate and firewall, and look from outside too.`,
    );
  }
}

function addressOf(config: Config, name: string): string | { fault: string } {
  try {
    return (
      listEventAddresses(config).find(({ provider }) => provider === name)?.path ?? { fault: 'The account has no address for events.' }
    );
  } catch (error) {
    return { fault: error instanceof Error ? error.message : 'The address for events cannot be told.' };
  }
}

function describeAge(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 1) return 'less than a minute';
  if (minutes < 120) return `${minutes} min`;
  return `${Math.round(minutes / 60)} h`;
}
