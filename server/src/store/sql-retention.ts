/** When ended calls are forgotten, where the time for which a site keeps them has become shorter. */
import { query, type SqlUnit } from './sql-driver.ts';
import type { QueuePlace } from './store.ts';

/** What one walk may bring forward is forgotten at once, before the calls that come due after it. */
const CALLS_PER_WALK = 128;

// What is due already needs no haste.
const SELECT_AHEAD = `SELECT look_at, id, due_step, due_at, site, COALESCE(ended_at, dial_before) FROM calls
  WHERE look_at >= ? AND (look_at, id) > (?, ?) ORDER BY look_at, id LIMIT ?`;
// Of a call that is forgotten already, only what a repeat is known by is left, and that has its own time.
const BRING_FORWARD = "UPDATE calls SET due_at = ?, look_at = ? WHERE id = ? AND due_step = 'forget' AND sealed_number <> ''";

export function* hastenForgets(
  from: QueuePlace | undefined,
  retentionOf: (site: string) => number | undefined,
  now: number,
): SqlUnit<QueuePlace | undefined> {
  const { lookAt, id } = from ?? { lookAt: now, id: '' };
  const rows = yield* query<[number, string, string | null, number, string, number]>(SELECT_AHEAD, [lookAt, lookAt, id, CALLS_PER_WALK]);
  for (const [, callId, dueStep, dueAt, site, endedAt] of rows) {
    const retentionMs = dueStep === 'forget' ? retentionOf(site) : undefined;
    if (retentionMs === undefined || dueAt <= endedAt + retentionMs) continue;
    yield* query(BRING_FORWARD, [endedAt + retentionMs, endedAt + retentionMs, callId]);
  }
  const last = rows.length < CALLS_PER_WALK ? undefined : rows.at(-1);
  return last && { lookAt: last[0], id: last[1] };
}
