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
    const { key, line } = site;
    const text = `Calls of the site ${key} from the line ${line} by the provider account ${provider.name} fail: ${message}`;
    await context.notify({ topic: `provider:${provider.name}:${code}:${key}:${line}`, site: key, text });
  }
  if (turn !== undefined) logTurn(provider, turn, context);
}

/** Asks the accounts that were given up whether they answer again, where it is time to. Rings nobody. */
export function probeProviders(context: CallsContext): Promise<void>[] {
  const due = context.gate.takeProbes(context.providers.values());
  return due.map(({ provider, line }) => probe(provider, line, context));
}

/** Tells the operator who cannot be reached, for as long as that is so, and who can be again. */
export function tellOfOutages({ gate, providers, notify }: CallsContext): Promise<void>[] {
  return gate.takeNews(providers.values()).map(({ provider: { name }, turn }) => {
    const [out, back] = [`provider:${name}:out_of_reach`, `provider:${name}:in_reach`];
    const text = saidOf(name, turn);
    return notify(turn === 'opened' ? { topic: out, endedBy: back, text } : { topic: back, ends: out, text });
  });
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
  if (turn !== undefined) logTurn(provider, turn, context);
}

/** One thing that is as it should be could only be found out from the provider itself. */
async function hasAnswered(provider: Provider, line: string): Promise<boolean> {
  try {
    return (await provider.verify(line)).some(({ ok }) => ok);
  } catch {
    return false;
  }
}

const TURNS: Readonly<Record<BreakerTurn, { level: 'warn' | 'info'; event: string; said: string }>> = {
  opened: {
    level: 'warn',
    event: 'provider.given_up',
    said: 'cannot be reached. Calls go by another account where the site names one as a fallback; the others wait, and end at their deadline with a message to you. The account is asked again every 30 seconds.',
  },
  closed: { level: 'info', event: 'provider.taken_up', said: 'answers again. Calls go on.' },
};

function logTurn({ name }: Provider, turn: BreakerTurn, { log }: CallsContext): void {
  const { level, event } = TURNS[turn];
  log({ level, event, provider: name, message: saidOf(name, turn) });
}

function saidOf(name: string, turn: BreakerTurn): string {
  return `The provider account ${name} ${TURNS[turn].said}`;
}
