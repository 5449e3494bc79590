/**
 * One look at a call that is to be written down: begun while it goes on, finished when it has ended, and until then looked at again and
 * again. How often is counted by time, not by attempts, because most looks find nothing new.
 */
import { cardChannelOf, isOwnCall } from '../calls/bridge.ts';
import type { Conversation } from '../calls/read-conversation.ts';
import type { Clock } from '../clock.ts';
import { type Call, isEndState } from '../store/call.ts';
import type { Message } from '../store/message.ts';
import type { CallCards, CallRecord } from './call-cards.ts';
import type { ChannelFault, Delivery } from './channel.ts';
import { type LeadSources, openDetails, openSealed } from './compose-lead.ts';

/** While a call goes on: soon at first, as most are over within a minute or two. */
const LOOKS = { share: 1 / 4, shortestMs: 5_000, longestMs: 120_000 };
/** Where a call has ended and its card does not come about. */
const REPEATS = { share: 1 / 2, shortestMs: 10_000, longestMs: 6 * 3_600_000 };
/** A call may stand in the records of its provider this long after its end; then it is written down without its duration. */
const RECORDS_LATE_MS = 120_000;
/** Like a lead: two days, then it is the operator's. */
const GIVE_UP_AFTER_MS = 48 * 3_600_000;
/** A receiver that fails for so long is the operator's concern. */
export const RECORD_FAILING_AFTER_MS = 15 * 60_000;

/** `nextAt`: when to look again, epoch ms; undefined: never by itself. */
export type RecordAttempt = (Delivery | { kind: 'needless' } | { kind: 'early'; receipt?: string | undefined }) & {
  nextAt?: number | undefined;
};

export interface RecordSources extends LeadSources {
  clock: Clock;
  readConversation: (call: Call) => Promise<Conversation | undefined>;
  /** By the names that messages have for them. */
  cards: ReadonlyMap<string, CallCards>;
}

export async function writeRecord(message: Message, call: Call | undefined, sources: RecordSources): Promise<RecordAttempt> {
  const attempt = await attemptRecord(message, call, sources);
  const retryAt = attempt.kind === 'again' ? attempt.retryAt : undefined;
  return { ...attempt, nextAt: nextLookAt(message, call?.endedAt, sources.clock.now(), retryAt) };
}

async function attemptRecord(message: Message, call: Call | undefined, sources: RecordSources): Promise<RecordAttempt> {
  if (call === undefined || call.sealedNumber === '' || (message.receipt === undefined && isNothingToWrite(message, call))) {
    return { kind: 'needless' };
  }
  const hasEnded = isEndState(call.state);
  const conversation = isUntold(call) ? await sources.readConversation(call) : undefined;
  if (isUntold(call) && conversation === undefined && isFresh(call, sources)) return { kind: 'early', receipt: message.receipt };
  if (!hasEnded && (message.receipt !== undefined || !isRinging(call))) return { kind: 'early', receipt: message.receipt };
  const cards = sources.cards.get(message.channel);
  const record = composeRecord(message, told(call, conversation), sources);
  if (cards === undefined || record === undefined) return { kind: 'again', fault: BRIDGE_GONE };
  const written = await tryWrite(cards, record);
  return written.kind === 'delivered' && !hasEnded ? { kind: 'early', receipt: written.receipt } : written;
}

/** Taken back before anybody was rung, or written down already by who rang. */
function isNothingToWrite({ channel }: Message, { state, provider, placedAt }: Call): boolean {
  return state === 'cancelled' || (placedAt !== undefined && isOwnCall(channel, provider));
}

/** Some providers tell at once that a call connected, and only in their records for how long. */
function isUntold({ state, talkedMs }: Call): boolean {
  return state === 'connected' && talkedMs === undefined;
}

function isFresh({ endedAt = 0 }: Call, { clock }: RecordSources): boolean {
  return clock.now() - endedAt < RECORDS_LATE_MS;
}

function told(call: Call, conversation: Conversation | undefined): Call {
  if (conversation === undefined) return call;
  const { talkedMs, cost } = conversation;
  return { ...call, talkedMs, charged: cost?.amount ?? call.charged, currency: cost?.currency ?? call.currency };
}

async function tryWrite(cards: CallCards, record: CallRecord): Promise<Delivery> {
  try {
    return await cards.write(record);
  } catch {
    return { kind: 'again', fault: CARDS_THREW };
  }
}

const BRIDGE_GONE: ChannelFault = {
  code: 'bridge_gone',
  message: 'The site has no bridge to this portal any more, or the number cannot be opened. Put it back, or let the record be.',
  configuration: true,
};

const CARDS_THREW: ChannelFault = { code: 'cards_threw', message: 'The adapter of the call cards failed.', configuration: false };

function isRinging({ state }: Call): boolean {
  return state === 'placed' || state === 'uncertain';
}

/** Undefined where the site has no bridge any more, or the number was sealed with a secret that this relay does not have. */
function composeRecord({ channel, receipt }: Message, call: Call, { vault, sites }: LeadSources): CallRecord | undefined {
  const bridge = sites.get(call.site)?.bridge;
  const number = openSealed(call.sealedNumber, call.id, vault);
  if (bridge === undefined || cardChannelOf(bridge.portal) !== channel || number === undefined) return undefined;
  const asked = openDetails(call, vault).bridge;
  return {
    callId: call.id,
    receipt,
    number,
    userId: bridge.userId,
    line: bridge.externalLine,
    crm: asked?.account === bridge.portal ? asked.crm : undefined,
    startedAt: call.placedAt ?? call.scheduledFor ?? call.acceptedAt,
    end: isEndState(call.state) ? endOf(call) : undefined,
  };
}

function endOf({ state, fault, talkedMs = 0, charged, currency }: Call): CallRecord['end'] {
  const cost = charged === undefined || currency === undefined ? undefined : { amount: charged, currency };
  return { state, reason: fault, talkedMs, cost };
}

function nextLookAt({ createdAt }: Message, endedAt: number | undefined, now: number, retryAt = 0): number | undefined {
  const since = now - (endedAt ?? createdAt);
  if (endedAt !== undefined && since >= GIVE_UP_AFTER_MS) return undefined;
  const { share, shortestMs, longestMs } = endedAt === undefined ? LOOKS : REPEATS;
  const delayMs = Math.round(Math.min(longestMs, Math.max(shortestMs, since * share)));
  return Math.max(now + delayMs, Math.min(retryAt, now + longestMs));
}
