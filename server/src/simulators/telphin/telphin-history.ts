/** `call_history`: a record for every call that is over, with a part for every leg that came about. */
import { talkedSecondsOf } from '../bitrix24/switchboard.ts';
import type { SimulatedCall } from '../bitrix24/telephones.ts';

const PER_PAGE = 20;

export function historyPage(calls: readonly SimulatedCall[], query: URLSearchParams, agentOf: (call: SimulatedCall) => string): object {
  const from = readTime(query.get('start_datetime'), Number.NEGATIVE_INFINITY);
  const until = readTime(query.get('end_datetime'), Number.POSITIVE_INFINITY);
  const over = calls.filter(({ endedAt, dialledAt }) => endedAt !== undefined && dialledAt >= from && dialledAt <= until);
  const perPage = Number(query.get('per_page') ?? PER_PAGE);
  const page = Number(query.get('page') ?? 1);
  const shown = over.slice((page - 1) * perPage, page * perPage);
  return { total: over.length, page, per_page: perPage, call_history: shown.map((call) => historyRecord(call, agentOf(call))) };
}

export function historyRecord(call: SimulatedCall, agent: string): object {
  const isBridged = call.connectedAt !== undefined;
  const result = isBridged ? 'bridged' : resultOf(call);
  const common = {
    from_username: `12037*${agent}`,
    flow: 'out',
    extension_id: Number(call.line),
    extension_type: 'phone',
    hangup_cause: 'NORMAL_CLEARING',
    hangup_disposition: dispositionOf(call),
    init_time_gmt: gmt(call.dialledAt),
    hangup_time_gmt: gmt(call.endedAt),
    duration: Math.round(((call.endedAt ?? call.dialledAt) - call.dialledAt) / 1_000),
  };
  return {
    ...common,
    call_uuid: call.callId,
    result,
    to_username: call.number,
    start_time_gmt: gmt(call.dialledAt),
    bridged_time_gmt: gmt(call.connectedAt) ?? null,
    bridged_duration: isBridged ? talkedSecondsOf(call) : null,
    bridged_username: isBridged ? call.number : null,
    cdr: partsOf(call, agent).map((to) => ({ ...common, application: 'callback', result, to_username: to, dest_number: to })),
  };
}

/** The leg to the visitor is there once it was rung. */
function partsOf(call: SimulatedCall, agent: string): string[] {
  return call.visitor === 'waiting' ? [agent] : [agent, call.number];
}

function resultOf({ agent, visitor }: SimulatedCall): string {
  if (visitor === 'declined') return 'busy';
  if (agent === 'declined') return 'rejected';
  return 'not answered';
}

function dispositionOf({ agent, visitor, connectedAt }: SimulatedCall): string {
  if (connectedAt !== undefined) return 'callee_bye';
  if (agent === 'declined') return 'callee_refuse';
  return agent === 'hung_up' && visitor !== 'unanswered' ? 'caller_cancel' : 'internal_cancel';
}

/** `YYYY-MM-DD HH:MM:SS` in UTC. */
export function gmt(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 19).replace('T', ' ');
}

function readTime(text: string | null, otherwise: number): number {
  return text === null ? otherwise : Date.parse(`${text.replace(' ', 'T')}Z`);
}
