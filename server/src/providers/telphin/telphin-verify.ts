/** Whether a dial could work, found out without ringing anyone. */
import { isRecord } from '../exchange.ts';
import type { Fault, Finding } from '../provider.ts';
import type { TelphinClient } from './telphin-client.ts';
import { UNREADABLE } from './telphin-faults.ts';
import { clean, type Extension, readExtensions, shortNumberOf } from './telphin-setup.ts';

/**
 * In the order in which an operator would put things right; what cannot be asked without ringing is said, not guessed. `agents`: the
 * numbers that ring, where it is not the extension itself.
 */
export async function verifyLine(client: TelphinClient, line: string, agents?: readonly string[]): Promise<Finding[]> {
  const user = await client.within((signal) => client.get('/user/', signal));
  if (user.kind !== 'success') return [complaint(user.fault)];
  if (!isRecord(user.body)) return [complaint(UNREADABLE.fault)];
  const works = { ok: true, code: 'application_works', message: 'The host knows the application and gives it a token.' };
  const extensions = await readExtensions(client);
  if (!extensions.ok) return [works, complaint(extensions.fault), await findHistory(client)];
  return [
    works,
    findLine(line, extensions.value),
    ...(await findTelephones(client, agentsAmong(extensions.value, line, agents))),
    await findHistory(client),
  ];
}

function complaint({ code, message }: Fault): Finding {
  return { ok: false, code, message };
}

function findLine(line: string, extensions: readonly Extension[]): Finding {
  if (line.startsWith('@')) {
    return { ok: true, code: 'line_unchecked', message: `The line is the variable ${clean(line)}, which only the host can look up.` };
  }
  if (extensions.some(({ id }) => id === line)) return { ok: true, code: 'line_found', message: `The extension ${line} exists.` };
  if (extensions.length === 0) {
    return { ok: false, code: 'no_lines', message: 'The account has no extension of the type `phone`. Add one first.' };
  }
  const known = extensions.map(({ id, name }) => `${id} (${name})`).join(', ');
  return { ok: false, code: 'line_unknown', message: `There is no extension ${clean(line)}. Set the line to one of these: ${known}.` };
}

/** Undefined stands for a telephone that is none of the account's extensions. */
function agentsAmong(
  extensions: readonly Extension[],
  line: string,
  agents: readonly string[] | undefined,
): readonly (Extension | undefined)[] {
  if (agents === undefined) return extensions.filter(({ id }) => id === line);
  return agents.map((agent) => extensions.find(({ name }) => name === agent || shortNumberOf(name) === agent));
}

/** A telephone that is not signed in rings into nothing. One that is will do. */
async function findTelephones(client: TelphinClient, agents: readonly (Extension | undefined)[]): Promise<Finding[]> {
  if (agents.length === 0) return [];
  const states: Registration[] = [];
  for (const agent of agents) {
    const state = agent === undefined ? 'unknown' : await readRegistration(client, agent.id);
    if (state === 'registered') return [REGISTERED];
    states.push(state);
  }
  if (states.includes('unknown')) return [UNCHECKED];
  const names = agents.flatMap((agent) => agent?.name ?? []).join(', ');
  const message = `No telephone is signed in at ${names}: a call would ring into nothing. Sign one in.`;
  return [{ ok: false, code: 'telephone_offline', message }];
}

type Registration = 'registered' | 'offline' | 'unknown';

async function readRegistration(client: TelphinClient, extension: string): Promise<Registration> {
  const reply = await client.within((signal) => client.get(`/extension/${extension}/registration/`, signal));
  if (reply.kind !== 'success' || !isRecord(reply.body)) return 'unknown';
  if (reply.body.registered === true) return 'registered';
  return reply.body.registered === false ? 'offline' : 'unknown';
}

const REGISTERED: Finding = { ok: true, code: 'telephone_registered', message: 'A telephone is signed in and can be rung.' };
const UNCHECKED: Finding = {
  ok: true,
  code: 'registration_unchecked',
  message: 'Only a real call shows whether a telephone is signed in. Look at its state before the first test call.',
};

/** By asking for a call that there is not. */
async function findHistory(client: TelphinClient): Promise<Finding> {
  const reply = await client.within((signal) => client.get('/client/@me/call_history/00000000000000000000000000000000', signal));
  const isReadable = reply.kind === 'success' || reply.fault.code === 'line_unknown' || reply.fault.code === 'busy_for_others';
  if (isReadable) return { ok: true, code: 'history_readable', message: 'What became of a call can be looked up.' };
  return complaint(reply.fault);
}
