import { beforeEach, expect, test } from 'vitest';
import type { Answer, FindQuery, Found, Provider } from '../providers/provider.ts';
import { type CallsAtPortal, callsAtPortal } from '../simulators/calls-at-portal.ts';
import type { Call } from '../store/call.ts';
import { readConversation } from './read-conversation.ts';

let rig: CallsAtPortal;
let call: Call;
let asked: FindQuery[];

beforeEach(async () => {
  rig = callsAtPortal();
  asked = [];
  call = await rig.accept();
});

function read(found: Answer<Found> | Error, changes: Partial<Call> = {}, provider: Partial<Provider> = {}) {
  const by: Provider = {
    ...rig.provider,
    async find(query) {
      asked.push(query);
      if (found instanceof Error) throw found;
      return found;
    },
    ...provider,
  };
  const context = { ...rig.context, providers: new Map([[by.name, by]]) };
  return readConversation({ ...call, state: 'connected', provider: by.name, providerRef: 'ref.1', ...changes }, context);
}

const ended = (ref: string | undefined, talkedMs?: number): Answer<Found> => ({
  ok: true,
  value: { kind: 'ended', ref, news: { kind: 'end', end: 'connected', talkedMs, cost: { amount: 9, currency: 'EUR' } } },
});

test('a call is asked for by its id and line, and its length and price come back', async () => {
  expect(await read(ended('ref.1', 61_000))).toEqual({ talkedMs: 61_000, cost: { amount: 9, currency: 'EUR' } });
  expect(asked).toMatchObject([{ ref: 'ref.1', line: 'reg1332', number: '+4915123456789' }]);
});

test.each<[string, Answer<Found> | Error]>([
  ['nothing is recorded yet', { ok: true, value: { kind: 'nothing' } }],
  ['the records say that it still goes on', { ok: true, value: { kind: 'running', ref: 'ref.1' } }],
  ['another call to the same number was found', ended('ref.2', 61_000)],
  ['the records do not say how long', ended('ref.1')],
  ['the records cannot be read', { ok: false, fault: { code: 'down', message: 'Down.', problem: 'unavailable', configuration: false } }],
  ['the adapter fails', new Error('broken')],
])('%s: it is not known', async (_, found) => {
  expect(await read(found)).toBeUndefined();
});

test('nobody is asked about a call without an id, or where calls cannot be looked up', async () => {
  expect(await read(ended('ref.1', 1_000), { providerRef: undefined })).toBeUndefined();
  expect(await read(ended('ref.1', 1_000), { provider: 'gone' })).toBeUndefined();
  expect(await read(ended('ref.1', 1_000), {}, { cannotFind: 'It has no records.' })).toBeUndefined();
  expect(asked).toEqual([]);
});
