/** Messages in their table: what the company is told, and how far each has come. */

import type { Call } from './call.ts';
import type { Gathered, Message, MessageChange, MessageState, NoticeDraft, NoticeWords, Quiet } from './message.ts';
import { query, type SqlRow, type SqlUnit, type SqlValue } from './sql-driver.ts';
import { LEADS_KEPT_MS } from './store.ts';

const COLUMN_OF = {
  id: 'id',
  kind: 'kind',
  channel: 'channel',
  site: 'site',
  callId: 'call_id',
  topic: 'topic',
  text: 'text',
  state: 'state',
  createdAt: 'created_at',
  dueAt: 'due_at',
  attempts: 'attempts',
  fence: 'fence',
  fault: 'fault',
  receipt: 'receipt',
} as const satisfies Record<keyof Message, string>;

const KEYS = Object.keys(COLUMN_OF) as (keyof Message)[];
const COLUMNS = Object.values(COLUMN_OF).join(', ');

// Its id is made from call and channel, so that a lead which stands already, whatever became of it, is not written again.
const INSERT_ABOUT_CALL = `INSERT INTO messages (id, kind, channel, site, call_id, state, created_at, due_at, attempts, fence)
  VALUES (?, ?, ?, ?, ?, 'waiting', ?, ?, 0, 0) ON CONFLICT (id) DO NOTHING`;
const INSERT_NOTICE = `INSERT INTO messages (id, kind, channel, site, topic, text, state, created_at, due_at, attempts, fence)
  VALUES (?, 'notice', ?, ?, ?, ?, 'waiting', ?, ?, 0, 0)`;
const SELECT_LAST = 'SELECT created_at FROM messages WHERE topic = ? AND channel = ? ORDER BY created_at DESC LIMIT 1';
const WITHDRAW_NOTICE = "UPDATE messages SET state = 'needless', due_at = NULL WHERE topic = ? AND channel = ? AND state = 'waiting'";
const SELECT_NEEDED = `SELECT 1 FROM messages
  WHERE call_id = ? AND (state = 'waiting' OR (state = 'quarantined' AND created_at > ?)) LIMIT 1`;
// One that is being delivered, or was tried and failed, may have been read already. Nor is one waited for that has waited long enough.
const GATHER = `UPDATE messages SET text = text || ? WHERE id = (SELECT id FROM messages WHERE topic = ? AND channel = ? AND created_at > ?
  AND state = 'waiting' AND attempts = 0 AND due_at > created_at AND LENGTH(text) < ? LIMIT 1) RETURNING id`;
/** A message stays one that a person can read. */
const MAX_GATHERED_CHARS = 4_000;
const SELECT_DUE = `SELECT ${COLUMNS} FROM messages WHERE due_at <= ? ORDER BY due_at, id LIMIT ?`;
const TAKE = 'UPDATE messages SET attempts = ?, fence = ?, due_at = ? WHERE id = ?';
const SETTLE = `UPDATE messages SET state = ?, due_at = ?, fault = ?, receipt = COALESCE(?, receipt), attempts = attempts - ?
  WHERE id = ? AND fence = ? AND state = 'waiting' RETURNING call_id`;
const RETRY = "UPDATE messages SET state = 'waiting', due_at = ?, attempts = 0, fence = fence + 1 WHERE state = 'quarantined' RETURNING id";
const WITHDRAW = `UPDATE messages SET state = CASE WHEN state = 'delivered' THEN state ELSE 'needless' END,
  due_at = NULL, fault = NULL, receipt = NULL WHERE call_id = ?`;

const NEWEST_FIRST = 'ORDER BY created_at DESC, id DESC LIMIT ?';
const LIST = {
  all: `SELECT ${COLUMNS} FROM messages ${NEWEST_FIRST}`,
  state: `SELECT ${COLUMNS} FROM messages WHERE state = ? ${NEWEST_FIRST}`,
  call: `SELECT ${COLUMNS} FROM messages WHERE call_id = ? ${NEWEST_FIRST}`,
  both: `SELECT ${COLUMNS} FROM messages WHERE call_id = ? AND state = ? ${NEWEST_FIRST}`,
} as const;

/** One for each channel that was not told of this call before. */
export function* insertAboutCall(kind: 'lead' | 'record', { id, site }: Call, channels: readonly string[], now: number): SqlUnit<void> {
  for (const channel of channels) yield* query(INSERT_ABOUT_CALL, [`${id}.${channel}`, kind, channel, site, id, now, now]);
}

/** Whether a lead may yet be written from the call. */
export function* isNeededForLead(callId: string, now: number): SqlUnit<boolean> {
  return (yield* query(SELECT_NEEDED, [callId, now - LEADS_KEPT_MS])).length > 0;
}

/** What was not told of the call is not told any more, and what was made of it elsewhere is not known here. */
export function* withdrawLeads(callId: string): SqlUnit<void> {
  yield* query(WITHDRAW, [callId]);
}

/** Returns how many were inserted: the others had not been quiet for long enough, or were added to one that waits. */
export function* insertNotices(drafts: readonly NoticeDraft[], now: number): SqlUnit<number> {
  let posted = 0;
  for (const draft of drafts) {
    const { topic, endedBy, ends, channel, site } = draft;
    const isTold = 'item' in draft ? yield* gather(draft, now) : yield* isQuiet(draft, now);
    if (isTold) continue;
    const other = endedBy ?? ends;
    if (other !== undefined) yield* query(WITHDRAW_NOTICE, [other, channel]);
    const [text, dueAt] = 'item' in draft ? [`${draft.text} ${draft.item}`, now + draft.gatherMs] : [draft.text, now];
    yield* query(INSERT_NOTICE, [crypto.randomUUID(), channel, site ?? null, topic, text, now, dueAt]);
    posted += 1;
  }
  return posted;
}

/** Whether it was added to one that waits. */
function* gather({ topic, channel, item, gatherMs }: NoticeWords & Gathered, now: number): SqlUnit<boolean> {
  return (yield* query(GATHER, [`, ${item}`, topic, channel, now - gatherMs, MAX_GATHERED_CHARS])).length > 0;
}

function* isQuiet({ topic, endedBy, ends, channel, quietMs }: NoticeWords & Quiet, now: number): SqlUnit<boolean> {
  const other = endedBy ?? ends;
  const lastAt = yield* findLastPost(topic, channel);
  const otherAt = other === undefined ? NEVER : yield* findLastPost(other, channel);
  const isLastWord = lastAt >= otherAt;
  return ends === undefined ? isLastWord && lastAt > now - quietMs : isLastWord;
}

const NEVER = Number.NEGATIVE_INFINITY;

function* findLastPost(topic: string, channel: string): SqlUnit<number> {
  const [row] = yield* query<[number]>(SELECT_LAST, [topic, channel]);
  return row?.[0] ?? NEVER;
}

/** As they stand once they have been taken. */
export function* takeMessages(limit: number, leaseMs: number, now: number): SqlUnit<Message[]> {
  const taken: Message[] = [];
  for (const row of yield* query(SELECT_DUE, [now, limit])) {
    const before = toMessage(row);
    const message = { ...before, attempts: before.attempts + 1, fence: before.fence + 1, dueAt: now + leaseMs };
    yield* query(TAKE, [message.attempts, message.fence, message.dueAt, message.id]);
    taken.push(message);
  }
  return taken;
}

/** Undefined: another has taken it since, or it is settled already. */
export function* settleMessage(id: string, fence: number, change: MessageChange): SqlUnit<{ callId: string | undefined } | undefined> {
  const dueAt = change.state === 'waiting' ? change.dueAt : null;
  const fault = 'fault' in change ? change.fault : null;
  const receipt = 'receipt' in change ? (change.receipt ?? null) : null;
  const looks = 'isLook' in change ? 1 : 0;
  const [row] = yield* query<[string | null]>(SETTLE, [change.state, dueAt, fault, receipt, looks, id, fence]);
  return row && { callId: row[0] ?? undefined };
}

export function* listMessages(filter: { state?: MessageState; callId?: string }, limit: number): SqlUnit<Message[]> {
  const { state, callId } = filter;
  let rows: SqlRow[];
  if (callId !== undefined) {
    rows = yield* state === undefined ? query(LIST.call, [callId, limit]) : query(LIST.both, [callId, state, limit]);
  } else {
    rows = yield* state === undefined ? query(LIST.all, [limit]) : query(LIST.state, [state, limit]);
  }
  return rows.map(toMessage);
}

/** Returns how many. */
export function* retryQuarantined(now: number): SqlUnit<number> {
  return (yield* query(RETRY, [now])).length;
}

/** Reads a row of `COLUMNS`. */
function toMessage(row: SqlRow): Message {
  const message: Partial<Record<keyof Message, SqlValue | undefined>> = {};
  KEYS.forEach((key, index) => {
    message[key] = row[index] ?? undefined;
  });
  return message as unknown as Message;
}
