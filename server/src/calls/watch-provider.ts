/** What dials teach about a provider account, and who is told of it: the gate in front of the account, and the operator. */
import type { SiteConfig } from '../config/config.ts';
import type { Fault, Outcome, Provider } from '../providers/provider.ts';
import type { BreakerTurn } from './breaker.ts';
import type { CallsContext } from './calls.ts';

export async function watchProvider(
  provider: Provider,
  site: Pick<SiteConfig, 'key' | 'line'>,
  outcome: Outcome,
  context: CallsContext,
): Promise<void> {
  const turn = context.gate.note(provider, site.line, outcome);
  // A fault in the set-up meets every call at once and ends it with a lead, so there is nothing to wait for but the operator.
  if (outcome.kind !== 'placed' && outcome.fault.configuration) {
    const { code, message } = outcome.fault;
    const text = `Calls by the provider account ${provider.name} fail: ${message}`;
    await context.notify({ topic: `provider:${provider.name}:${code}`, site: site.key, text });
  }
  if (turn !== undefined) await tell(provider, turn, context);
}

/** Asks the accounts that were given up whether they answer again, where it is time to. Rings nobody. */
export function probeProviders(context: CallsContext): Promise<void>[] {
  const due = context.gate.takeProbes(context.providers.values());
  return due.map(({ provider, line }) => probe(provider, line, context));
}

/** Lets the accounts do what they have to do by themselves, such as binding events that a portal has forgotten. */
export function keepUpProviders({ providers, notify }: CallsContext): Promise<void>[] {
  return [...providers.values()].flatMap((provider) => {
    const work = provider.keepUp?.();
    return work === undefined ? [] : [work.then((fault) => fault && tellOfFault(provider, fault))];
  });

  function tellOfFault({ name }: Provider, { code, message }: Fault): Promise<void> {
    return notify({ topic: `provider:${name}:${code}`, text: `The provider account ${name}: ${message}` });
  }
}

async function probe(provider: Provider, line: string, context: CallsContext): Promise<void> {
  const answered = await hasAnswered(provider, line);
  const turn = context.gate.probed(provider, answered);
  context.log({ level: 'info', event: 'provider.probed', provider: provider.name, answered });
  if (turn !== undefined) await tell(provider, turn, context);
}

/** One thing that is as it should be could only be found out from the provider itself. */
async function hasAnswered(provider: Provider, line: string): Promise<boolean> {
  try {
    return (await provider.verify(line)).some(({ ok }) => ok);
  } catch {
    return false;
  }
}

const WORDS: Readonly<Record<BreakerTurn, { level: 'warn' | 'info'; event: string; topic: string; said: string }>> = {
  opened: {
    level: 'warn',
    event: 'provider.given_up',
    topic: 'out_of_reach',
    said: 'cannot be reached. Calls go by another account where the site names one as a fallback; the others wait, and end at their deadline with a message to you. The account is asked again every 30 seconds.',
  },
  closed: { level: 'info', event: 'provider.taken_up', topic: 'in_reach', said: 'answers again. Calls go on.' },
};

async function tell({ name }: Provider, turn: BreakerTurn, { log, notify }: CallsContext): Promise<void> {
  const { level, event, topic, said } = WORDS[turn];
  const text = `The provider account ${name} ${said}`;
  log({ level, event, provider: name, message: text });
  await notify({ topic: `provider:${name}:${topic}`, text });
}
