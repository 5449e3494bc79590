/**
 * Calls that somebody else dialled, written down in a portal: registered and shown while they ring, finished when they have ended, so
 * that they stand in the CRM card of whoever was called. Only an application may do it.
 *
 * The portal takes no idempotency key, but it knows what was registered with the same `EXTERNAL_CALL_ID` within half an hour, and its
 * statistics know what was finished: both are asked before anything is done a second time.
 * https://apidocs.bitrix24.com/api-reference/telephony/telephony-external-call-register.html
 */
import type { Clock } from '../../clock.ts';
import type { CallCards, CallEnd, CallRecord } from '../../follow-ups/call-cards.ts';
import type { ChannelFault, Delivery } from '../../follow-ups/channel.ts';
import { isRecord } from '../exchange.ts';
import { type Bitrix24Client, type Reply, SETTLED_AFTER_MS } from './bitrix24-client.ts';
import { writeCost } from './bitrix24-cost.ts';

/** Type of a call in the portal: a callback. */
const CALLBACK = 4;
/** What a call can be registered with; entries of other kinds are found by the number. */
const ENTRIES: ReadonlySet<string> = new Set(['CONTACT', 'COMPANY', 'LEAD']);

export function bitrix24Cards(client: Bitrix24Client, clock: Clock): CallCards {
  async function register(record: CallRecord): Promise<Registered | Again> {
    const reply = await client.call('telephony.externalCall.register', registration(record));
    if (reply.kind !== 'result') return again(reply);
    const id = isRecord(reply.result) ? reply.result.CALL_ID : undefined;
    return typeof id === 'string' && id !== '' ? { kind: 'registered', id } : again({ kind: 'uncertain', fault: UNREADABLE_CARD });
  }

  /** The portal knows a call by its id whichever of two requests it carries out first, but not whether it was finished. */
  function again({ kind, fault }: Unanswered): Again {
    return { kind: 'again', fault: cardFault(fault), retryAt: kind === 'uncertain' ? clock.now() + SETTLED_AFTER_MS : undefined };
  }

  /** A card that nobody saw is no reason to register anew. */
  async function show(id: string, { userId }: CallRecord): Promise<void> {
    await client.call('telephony.externalCall.show', { CALL_ID: id, USER_ID: userId });
  }

  /** The portal's id of a card that is finished. Where the statistics may not be read, the portal is told again: what it makes of that is its own. */
  async function findFinished({ receipt, callId }: CallRecord): Promise<string | undefined> {
    const [key, id] = receipt === undefined ? ['EXTERNAL_CALL_ID', callId] : ['CALL_ID', receipt];
    const reply = await client.call('voximplant.statistic.get', { FILTER: { [key]: id } });
    const rows = reply.kind === 'result' && Array.isArray(reply.result) ? reply.result.filter(isRecord) : [];
    const found = rows.find((row) => row[key] === id)?.CALL_ID;
    return typeof found === 'string' ? found : undefined;
  }

  async function finish(id: string, record: CallRecord, end: CallEnd): Promise<Delivery> {
    const reply: Reply = await client.call('telephony.externalCall.finish', { CALL_ID: id, USER_ID: record.userId, ...ending(end) });
    return reply.kind === 'result' ? { kind: 'delivered', receipt: id } : { ...again(reply), receipt: id };
  }

  return {
    async write(record) {
      const { receipt, end } = record;
      const finished = end === undefined ? undefined : await findFinished(record);
      if (finished !== undefined) return { kind: 'delivered', receipt: finished };
      const registered = receipt === undefined ? await register(record) : ({ kind: 'registered', id: receipt } as const);
      if (registered.kind === 'again') return registered;
      if (end !== undefined) return finish(registered.id, record, end);
      await show(registered.id, record);
      return { kind: 'delivered', receipt: registered.id };
    },
  };
}

type Registered = { kind: 'registered'; id: string };
type Again = Delivery & { kind: 'again' };

interface Unanswered {
  kind: Exclude<Reply['kind'], 'result'>;
  fault: ChannelFault;
}

/** Not shown by this: where the call has ended already, nobody is to be bothered with it. */
function registration({ callId, number, userId, line, crm, startedAt }: CallRecord): Readonly<Record<string, unknown>> {
  const entry = crm !== undefined && ENTRIES.has(crm.type.toUpperCase()) && /^\d{1,15}$/.test(crm.id) ? crm : undefined;
  return {
    USER_ID: userId,
    PHONE_NUMBER: number,
    TYPE: CALLBACK,
    CALL_START_DATE: new Date(startedAt).toISOString().replace(/\.\d+Z$/, '+00:00'),
    SHOW: 0,
    // Where nobody has the number yet, the call could otherwise stand nowhere.
    CRM_CREATE: entry === undefined ? 1 : 0,
    ...(entry !== undefined && { CRM_ENTITY_TYPE: entry.type.toUpperCase(), CRM_ENTITY_ID: Number(entry.id) }),
    ...(line !== undefined && { LINE_NUMBER: line }),
    EXTERNAL_CALL_ID: callId,
  };
}

function ending({ state, reason, talkedMs, cost }: CallEnd): Readonly<Record<string, unknown>> {
  return {
    DURATION: Math.round(talkedMs / 1_000),
    ...(cost !== undefined && { COST: writeCost(cost), COST_CURRENCY: cost.currency }),
    STATUS_CODE: statusOf(state, reason),
    ...(reason !== undefined && { FAILED_REASON: reason }),
  };
}

function statusOf(state: CallEnd['state'], reason: string | undefined): string {
  if (state === 'connected') return '200';
  return (reason !== undefined ? STATUS_OF_REASON.get(reason) : undefined) ?? STATUS_OF_STATE.get(state) ?? 'OTHER';
}

/** Codes of the portal's own list, by what the relay calls the same. */
const STATUS_OF_REASON: ReadonlyMap<string, string> = new Map([
  ['not_answered', '304'],
  ['agent_not_answered', '304'],
  ['no_conversation', '304'],
  ['funds_missing', '402'],
  ['call_forbidden', '403'],
  ['number_not_found', '404'],
  ['number_not_accepted', '404'],
  ['number_unfit', '404'],
  ['number_blocked', '423'],
  ['temporarily_unavailable', '480'],
  ['number_incomplete', '484'],
  ['direction_unavailable', '503'],
  ['busy', '486'],
  ['declined', '603'],
  ['cancelled', '603-S'],
  ['opted_out', '603-S'],
  ['ended_otherwise', 'OTHER'],
]);

/** Where the reason says nothing; whatever stands here neither is what nobody knows the end of. */
const STATUS_OF_STATE: ReadonlyMap<CallEnd['state'], string> = new Map([
  ['missed', '304'],
  // Nobody was rung: for whoever waited, the call was missed.
  ['expired', '304'],
  ['refused', '503'],
  ['cancelled', '603-S'],
]);

/** The client's own words are about dialling. */
function cardFault({ code, message, configuration }: ChannelFault): ChannelFault {
  switch (code) {
    case 'scope_missing':
    case 'method_unknown':
      return {
        code: 'cards_scope_missing',
        message: 'The application lacks the scope `telephony`. Give it that scope, and install it again.',
        configuration: true,
      };
    case 'telephony_refused':
    case 'refused_otherwise':
      return {
        code: 'card_refused',
        message: 'The portal refuses to write the call down. Look whether `bridge.userId` names an active user.',
        configuration: true,
      };
    default:
      return { code, message, configuration };
  }
}

const UNREADABLE_CARD: ChannelFault = {
  code: 'answer_unreadable',
  message: 'The portal answered with something that is not its documented answer. If this repeats, check what stands before the portal.',
  configuration: false,
};
