/** Finds out what became of a call, by reading alone: nothing here can ring anybody. */
import type { Answer, Fault, FindQuery, Found, Provider } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import type { CallsContext } from './calls.ts';
import { beginningOf } from './life-of-a-call.ts';
import { openNumber } from './open-number.ts';
import { PACE_REACHED } from './paced-reads.ts';
import { lookForRedials, mayBeRedialled, redialsOf, reportRedial, settleRedials } from './redials.ts';
import { reportEnd } from './report-end.ts';
import { routeOf, routesOf } from './routes.ts';
import { type Reading, settleFound } from './settle-found.ts';
import { siteOf } from './site-of.ts';

/**
 * `call` as it was just taken, `uncertain`, `placed`, or `missed` and perhaps repeated since: its fence says whether nobody has taken it
 * meanwhile.
 */
export async function reconcileCall(call: Call, context: CallsContext): Promise<void> {
  const provider = providerOf(call, context);
  const reading = provider === undefined ? UNREADABLE : await readFate(call, provider, context);
  const settled = await context.store.amend(call.id, (current, now) => {
    // Whoever was frozen while they read knows less than the one who has taken the call since.
    if (current.fence !== call.fence) return undefined;
    const rules = context.rulesOf(current.site);
    const change = settleFound(current, reading, now, rules);
    if (change === undefined) return settleRedials(current, reading, now, rules);
    return { ...change, ...lookForRedials(change, provider, now, rules) };
  });
  if (settled !== undefined) await report(call, settled, reading, context);
}

/** A claim says by which account the call is made; those of an earlier version did not. */
function providerOf(call: Call, { providers, sites }: CallsContext): Provider | undefined {
  const name = call.provider ?? siteOf(call, sites)?.provider;
  return name === undefined ? undefined : providers.get(name);
}

const UNREADABLE: Reading = { kind: 'unreadable' };

async function readFate(call: Call, provider: Provider, context: CallsContext): Promise<Reading> {
  if (provider.cannotFind !== undefined) return UNREADABLE;
  const number = openNumber(call, context);
  if (number === undefined) return UNREADABLE;
  const site = siteOf(call, context.sites);
  const line = site === undefined ? '' : routeOf({ provider: provider.name }, routesOf(site)).line;
  const isRepeat = call.state === 'missed';
  const except = isRepeat ? (await othersTo(number, call, provider, context)).flatMap(({ providerRef }) => providerRef ?? []) : [];
  const query: FindQuery = isRepeat
    ? { ref: undefined, number, line, ...redialsOf(call, provider), except }
    : { ref: call.providerRef, number, line, ...beginningOf(call) };
  const answer = await ask(provider, query);
  if (!answer.ok) {
    await reportFault(call, provider.name, answer.fault, context);
    return failureOf(answer.fault);
  }
  // What else was found belongs to the earlier call, as an event under an unknown id does.
  const found = isRepeat ? answer.value : await leaveToOwner(call, provider, number, answer.value, context);
  return { kind: 'read', by: provider, found };
}

function failureOf({ code, configuration }: Fault): Reading {
  if (code === PACE_REACHED) return { kind: 'no_turn' };
  return configuration ? UNREADABLE : { kind: 'unread' };
}

async function ask(provider: Provider, query: FindQuery): Promise<Answer<Found>> {
  try {
    return await provider.find(query);
  } catch {
    // A provider promises not to throw. One that does has found nothing out.
    return { ok: false, fault: THREW };
  }
}

const THREW: Fault = { code: 'provider_threw', message: 'The provider adapter failed.', problem: 'unavailable', configuration: false };

/** What was found by number and time may be another call to the same number: one that is known by its id, or its repetition. */
async function leaveToOwner(call: Call, provider: Provider, number: string, found: Found, context: CallsContext): Promise<Found> {
  if (found.kind === 'nothing' || found.ref === undefined || found.ref === call.providerRef) return found;
  const owner = await context.store.findByRef(provider.name, found.ref);
  if (owner !== undefined) return owner.id === call.id ? found : { kind: 'nothing' };
  const within = beginningOf(call);
  const isDoubtful = (await othersTo(number, call, provider, context)).some((other) => mayBeRedialled(other, provider, within));
  return isDoubtful ? { kind: 'nothing' } : found;
}

/** By the same account. */
async function othersTo(number: string, call: Call, by: Provider, { store, vault }: CallsContext): Promise<Call[]> {
  const calls = await store.findByNumber(vault.keysOf('number', number), 0);
  return calls.filter(({ id, provider }) => id !== call.id && provider === by.name);
}

async function reportFault(call: Call, provider: string, fault: Fault, { log, notify }: CallsContext): Promise<void> {
  const { code, message, configuration } = fault;
  const level = configuration ? 'error' : 'warn';
  log({ level, event: 'call.unread', callId: call.id, site: call.site, fault: code, message });
  if (configuration)
    await notify({ topic: `provider:${provider}:${code}`, site: call.site, text: `Provider account ${provider}: ${message}` });
}

async function report(before: Call, settled: Call, reading: Reading, context: CallsContext): Promise<void> {
  if (before.state === 'missed') return reportRepeat(settled, reading, context);
  if (settled.state === before.state) return;
  if (reading.kind === 'read' && reading.found.kind === 'ended') {
    return reportEnd(settled, reading.found.news, reading.by.name, context);
  }
  const level = settled.state === 'abandoned' ? 'warn' : 'info';
  context.log({ level, event: `call.${settled.state}`, callId: settled.id, site: settled.site, fault: settled.fault });
}

/** Rows under no other id than the call's own are no repeat. */
async function reportRepeat(call: Call, reading: Reading, context: CallsContext): Promise<void> {
  if (reading.kind !== 'read' || reading.found.kind !== 'ended') return;
  const { ref, news } = reading.found;
  if (ref !== undefined && ref !== call.providerRef) await reportRedial(call, news.end, reading.by.name, context);
}
