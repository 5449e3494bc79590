/**
 * Works through due messages until each has been taken, is needless, or has failed for two days. Safe to run twice at once: the
 * store hands each message to one taker. What dies between delivery and settling is delivered again, under the same id.
 */

import type { Conversation } from '../calls/read-conversation.ts';
import { type Drain, drainOver, underWay } from '../calls/under-way.ts';
import { CONNECTED_BY_REDIAL } from '../calls/who-missed.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Call } from '../store/call.ts';
import type { Message, MessageChange } from '../store/message.ts';
import { LEADS_KEPT_MS, type Store } from '../store/store.ts';
import type { CallCards } from './call-cards.ts';
import { type Channel, type ChannelFault, type Delivery, type Letter, LONGEST_DELIVERY_MS } from './channel.ts';
import { composeLead, type LeadSources, nameSite } from './compose-lead.ts';
import type { Notify } from './notifier.ts';
import { nextAttemptAt } from './retry-schedule.ts';
import { RECORD_FAILING_AFTER_MS, writeRecord } from './write-record.ts';

/** Few: several letters for one portal share its pace with the calls. */
const MAX_UNDER_WAY = 8;
/** A call that was unclear and is talking now may yet turn out well. */
const LOOK_AGAIN_MS = 120_000;
/** A passing fault that lasts for so many attempts, about fifteen minutes, is the operator's concern. */
const FAILING_ATTEMPTS = 5;
const KEPT_DAYS = LEADS_KEPT_MS / 86_400_000;

export interface DeliveryContext extends LeadSources {
  /** Where calls are written down; absent: nowhere. */
  cards?: ReadonlyMap<string, CallCards> | undefined;
  /** How long a call was, if its end did not say; absent: nobody knows. */
  readConversation?: ((call: Call) => Promise<Conversation | undefined>) | undefined;
  store: Pick<Store, 'takeMessages' | 'settleMessage' | 'find'>;
  clock: Clock;
  log: Log;
  channels: ReadonlyMap<string, Channel>;
  notify: Notify;
  /** In [0, 1): spreads repeats. */
  random: () => number;
}

/** `onRoom` is told whenever a message has been settled: there may be more to take. */
export function deliverMessages(context: DeliveryContext, onRoom: () => void = () => {}): Drain {
  const letters = underWay(onRoom);

  return drainOver(letters, async () => {
    for (;;) {
      const room = MAX_UNDER_WAY - letters.size;
      if (room <= 0) return;
      const taken = await context.store.takeMessages(room, LONGEST_DELIVERY_MS);
      for (const message of taken) letters.add(deliver(message, context));
      if (taken.length < room) return;
    }
  });
}

async function deliver(message: Message, context: DeliveryContext): Promise<void> {
  try {
    await settle(message, await attempt(message, context), context);
  } catch (error) {
    // The store did not take the answer: the lease will end, and the message is delivered again.
    const name = error instanceof Error ? error.name : 'unknown';
    context.log({ level: 'error', event: 'message.step_failed', ...about(message), message: name });
  }
}

type Attempt = (Delivery | { kind: 'needless' } | { kind: 'early'; receipt?: string | undefined }) & {
  /** When to look at a record again; of anything else the number of attempts says it. */
  nextAt?: number | undefined;
};

async function attempt(message: Message, context: DeliveryContext): Promise<Attempt> {
  const call = message.callId === undefined ? undefined : await context.store.find(message.callId);
  if (message.kind === 'record') {
    const { cards = NO_CARDS, readConversation = async () => undefined } = context;
    return writeRecord(message, call, { ...context, cards, readConversation });
  }
  if (message.kind === 'lead') {
    if (call === undefined || isSettledOtherwise(call)) return { kind: 'needless' };
    if (call.state === 'placed' && call.unreadSince === undefined) return { kind: 'early' };
  }
  const channel = context.channels.get(message.channel);
  if (channel === undefined) return { kind: 'again', fault: CHANNEL_GONE };
  try {
    return await channel.deliver(write(message, call, context));
  } catch {
    return { kind: 'again', fault: CHANNEL_THREW };
  }
}

const NO_CARDS: ReadonlyMap<string, CallCards> = new Map();

/** Connected, by the relay or by a repeat of the provider's own, or taken back by the visitor before anybody was rung. */
function isSettledOtherwise({ state, fault }: Call): boolean {
  return state === 'connected' || state === 'cancelled' || (state === 'missed' && fault === CONNECTED_BY_REDIAL);
}

function write(message: Message, call: Call | undefined, context: DeliveryContext): Letter {
  if (call !== undefined) return composeLead(message, call, context);
  const { id, createdAt, receipt, topic = '', text = '', site } = message;
  return { kind: 'notice', id, createdAt, receipt, topic, text, site: site === undefined ? undefined : nameSite(site, context.sites) };
}

async function settle(message: Message, outcome: Attempt, context: DeliveryContext): Promise<void> {
  const change = changeFor(message, outcome, context);
  const isOurs = await context.store.settleMessage(message.id, message.fence, change);
  const told = { ...about(message), attempt: message.attempts };
  if (!isOurs) {
    context.log({ level: 'warn', event: 'message.settle_lost', ...told, message: 'The lease ended first; it may be delivered twice.' });
    return;
  }
  if (outcome.kind === 'again' || outcome.kind === 'hopeless') return reportFault(message, outcome, change, context);
  if (outcome.kind === 'early') return;
  const receipt = outcome.kind === 'delivered' ? outcome.receipt : undefined;
  context.log({ level: 'info', event: `message.${outcome.kind}`, ...told, receipt });
}

function changeFor({ kind, attempts, receipt }: Message, outcome: Attempt, { clock, random }: DeliveryContext): MessageChange {
  switch (outcome.kind) {
    case 'needless':
      return { state: 'needless' };
    case 'early':
      return {
        state: 'waiting',
        dueAt: outcome.nextAt ?? clock.now() + LOOK_AGAIN_MS,
        fault: 'call_running',
        receipt: outcome.receipt ?? receipt,
        isLook: true,
      };
    case 'delivered':
      return { state: 'delivered', receipt: outcome.receipt };
    case 'hopeless':
      return { state: 'quarantined', fault: outcome.fault.code };
    case 'again': {
      const dueAt = kind === 'record' ? outcome.nextAt : nextAttemptAt(attempts, clock.now(), random(), outcome.retryAt);
      const fault = outcome.fault.code;
      return dueAt === undefined
        ? { state: 'quarantined', fault }
        : { state: 'waiting', dueAt, fault, receipt: outcome.receipt ?? receipt };
    }
  }
}

type Failure = Attempt & { kind: 'again' | 'hopeless' };

/** Only what stands in the way of leads and records is told by the other channels: a notice about a notice would have no end. */
async function reportFault(message: Message, failure: Failure, change: MessageChange, context: DeliveryContext): Promise<void> {
  const { fault } = failure;
  const isLost = change.state === 'quarantined';
  context.log({
    level: isLost || fault.configuration ? 'error' : 'warn',
    event: isLost ? 'message.quarantined' : 'message.failed',
    ...about(message),
    attempt: message.attempts,
    fault: fault.code,
    message: isLost ? `${fault.message} It is not tried again until \`ringback messages retry\`.` : fault.message,
  });
  if (message.kind === 'notice') return;
  const { channel, site } = message;
  const what = message.kind === 'lead' ? 'leads' : 'records of calls';
  const isDeaf = failure.kind === 'hopeless' || failure.isPartial !== true;
  const tell = (topic: string, text: string) =>
    context.notify({ topic: `channel:${channel}:${topic}`, site, text }, isDeaf ? channel : undefined);
  if (isLost) {
    await tell(
      'quarantined',
      `For the channel "${channel}" ${what} were given up: ${fault.message} \`ringback messages\` shows them; they are kept for ${KEPT_DAYS} days.`,
    );
  } else if (fault.configuration || isFailing(message, context)) {
    await tell(fault.code, `The channel "${channel}" does not take ${what}: ${fault.message} They are kept and tried again.`);
  }
}

function isFailing({ kind, attempts, createdAt }: Message, { clock }: DeliveryContext): boolean {
  return kind === 'record' ? clock.now() - createdAt >= RECORD_FAILING_AFTER_MS : attempts >= FAILING_ATTEMPTS;
}

const CHANNEL_GONE: ChannelFault = {
  code: 'channel_gone',
  message: 'There is no channel of this name in the configuration any more. Put it back, or let the message be.',
  configuration: true,
};

const CHANNEL_THREW: ChannelFault = { code: 'channel_threw', message: 'The adapter of the channel failed.', configuration: false };

function about({ id, kind, callId, site, channel }: Message) {
  return { messageId: id, kind, channel, ...(callId !== undefined && { callId }), ...(site !== undefined && { site }) };
}
