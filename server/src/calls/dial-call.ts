/** One claimed call, one dial. The claim is durable before this runs (I3); whatever happens here, the order is sent at most once (I1). */
import type { SiteConfig } from '../config/config.ts';
import type { DialOrder, Outcome, Provider } from '../providers/provider.ts';
import type { Call, Change } from '../store/call.ts';
import type { Vault } from '../store/vault.ts';
import type { CallDetails } from './accept-call.ts';
import { fillAnnouncement } from './announcement.ts';
import type { CallsContext } from './calls.ts';
import { heedEarly } from './heed-event.ts';
import { expire, refuse, settleOutcome } from './life-of-a-call.ts';
import { openNumber } from './open-number.ts';
import { hasFallback, routeOf, routesOf } from './routes.ts';
import { siteOf } from './site-of.ts';
import { watchProvider } from './watch-provider.ts';

/** `call` as it was just claimed: its fence settles, its `dueAt` ends the lease. */
export async function dialCall(call: Call, context: CallsContext): Promise<void> {
  const { clock } = context;
  const rules = context.rulesOf(call.site);
  const site = siteOf(call, context.sites);
  const route = site && routeOf(call, routesOf(site));
  const provider = route && context.providers.get(route.provider);
  if (site === undefined || route === undefined || provider === undefined) {
    reportGone(call, rules.channels, context);
    return void (await settle(call, refuse('site_gone', clock.now(), rules), context));
  }

  const number = openNumber(call, context);
  if (number === undefined) return void (await settle(call, refuse('number_sealed_otherwise', clock.now(), rules), context));

  // The process may have been frozen since the claim: look at the clock again with nothing left between this and the send (I4).
  const now = clock.now();
  if (now >= call.dialBefore) return void (await settle(call, expire(now, rules), context));
  if (call.dueAt === undefined || now >= call.dueAt) return;

  const { line, voice, telphin } = route;
  const sendBefore = Math.min(call.dialBefore, call.dueAt);
  const outcome = await sendOnce(provider, () => ({
    line,
    number,
    announcement: announcementOf(call, site, context),
    voice,
    sendBefore,
    telphin,
  }));
  report(call, outcome, context);
  // What is wrong with the relay itself is no better elsewhere.
  const next = outcome !== UNPREPARED && hasFallback(call, routesOf(site)) ? 'fallback' : 'again';
  const settled = await settle(call, settleOutcome(call, outcome, provider, clock.now(), rules, next), context);
  if (outcome !== UNPREPARED) await watchProvider(provider, { key: site.key, line }, outcome, context);
  // An event may have told the id already that the answer left out, or did not get through to tell.
  if (settled?.providerRef !== undefined) await heedEarly(provider.name, settled.providerRef, context);
}

/** Whatever is wrong with the name, the call goes out without it. */
function announcementOf(call: Call, site: SiteConfig, { vault }: CallsContext): string {
  return fillAnnouncement(site.announcement, site.speakName ? openName(call, vault) : undefined);
}

function openName({ id, sealedDetails }: Call, vault: Vault): string | undefined {
  if (sealedDetails === undefined) return undefined;
  try {
    const { name } = JSON.parse(vault.open(sealedDetails, id)) as CallDetails;
    return name;
  } catch {
    return undefined;
  }
}

async function sendOnce(provider: Provider, makeOrder: () => DialOrder): Promise<Outcome> {
  let order: DialOrder;
  try {
    order = makeOrder();
  } catch {
    return UNPREPARED;
  }
  try {
    return await provider.dial(order);
  } catch {
    // A provider promises not to throw. One that does may have rung somebody first.
    const fault = {
      code: 'provider_threw',
      message: 'The provider adapter failed.',
      problem: 'unavailable',
      configuration: false,
    } as const;
    return { kind: 'uncertain', fault };
  }
}

/** A fault of the relay before anything was sent: tried again a few times, then refused, like everything that was proved not sent. */
const UNPREPARED: Outcome = {
  kind: 'not_sent',
  fault: {
    code: 'internal_error',
    message: 'The relay could not prepare the order. This is a fault of the relay: report it with this line.',
    problem: 'unavailable',
    configuration: false,
  },
};

async function settle(call: Call, change: Change, { store, log }: CallsContext): Promise<Call | undefined> {
  const settled = await store.settle(call.id, call.fence, change);
  if (settled === undefined) {
    log({ level: 'warn', event: 'call.settle_lost', callId: call.id, site: call.site, message: 'The lease ended before the answer came.' });
    return undefined;
  }
  if (settled.state === 'expired') log({ level: 'warn', event: 'call.expired', callId: call.id, site: call.site });
  return settled;
}

function reportGone({ id, site }: Call, channels: readonly string[], { log }: CallsContext): void {
  const told = channels.length > 0 ? `The channels told of it: ${channels.join(', ')}.` : 'Nobody is told of it: there is no channel.';
  const message = `The site, or the account that rings for it, is not configured any more. The call is not made. ${told}`;
  log({ level: channels.length > 0 ? 'warn' : 'error', event: 'call.refused', callId: id, site, fault: 'site_gone', message });
}

function report(call: Call, outcome: Outcome, { log }: CallsContext): void {
  const about = { callId: call.id, site: call.site };
  if (outcome.kind === 'placed') {
    log({ level: 'info', event: 'call.placed', ...about, ref: outcome.ref });
    return;
  }
  const { code, message, configuration } = outcome.fault;
  const level = configuration || outcome.kind === 'uncertain' ? 'error' : 'warn';
  log({ level, event: `call.${outcome.kind}`, ...about, fault: code, message });
}
