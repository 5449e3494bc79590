/** The number of an extension itself, for orders that name no agents: looked up before anything is dialled, once for all who ask. */
import type { Clock } from '../../clock.ts';
import type { TelphinClient } from './telphin-client.ts';
import { AGENT_UNKNOWN, type Failure, LINE_UNKNOWN } from './telphin-faults.ts';
import { readExtensions, shortNumberOf } from './telphin-setup.ts';

export type Agents = { ok: true; value: readonly string[] } | { ok: false; failure: Failure };

/** As with the token, the order is not to be sent when nobody waits for the call any more. */
const LOOK_WITHIN_MS = 4_000;
/** An extension may be given another number. */
const KEEP_MS = 10 * 60_000;

export function agentNumbers(client: TelphinClient, clock: Clock) {
  const looked = new Map<string, { agents: Promise<Agents>; until: number }>();

  async function look(line: string): Promise<Agents> {
    const agents = await readAgents(client, line);
    // What could not be found out now may be found out next time.
    if (!agents.ok) looked.delete(line);
    return agents;
  }

  return (line: string): Promise<Agents> => {
    if (line.startsWith('@')) return Promise.resolve({ ok: false, failure: AGENT_UNKNOWN });
    const known = looked.get(line);
    if (known !== undefined && clock.now() < known.until) return known.agents;
    const agents = look(line);
    looked.set(line, { agents, until: clock.now() + KEEP_MS });
    return agents;
  };
}

async function readAgents(client: TelphinClient, line: string): Promise<Agents> {
  const extensions = await readExtensions(client, LOOK_WITHIN_MS);
  // Whatever went wrong, no order has been sent.
  if (!extensions.ok) {
    const { fault } = extensions;
    return { ok: false, failure: { kind: fault.configuration ? 'refused' : 'not_sent', fault } };
  }
  const extension = extensions.value.find(({ id }) => id === line);
  if (extension === undefined) return { ok: false, failure: LINE_UNKNOWN };
  const number = shortNumberOf(extension.name);
  return number === undefined ? { ok: false, failure: AGENT_UNKNOWN } : { ok: true, value: [number] };
}
