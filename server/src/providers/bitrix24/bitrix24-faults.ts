/**
 * Everything that can stand between an order and a ringing telephone at Bitrix24: one table of the portal's documented errors,
 * and what the way to the portal can do. Whatever the portal wrote is only compared, never passed on.
 *
 * Sources: the error lists of `voximplant.callback.start` and of the REST API's general page
 * (https://apidocs.bitrix24.com/error-codes.html). Where they give one code two meanings, the English description decides; where
 * they give one meaning two statuses, the code does.
 */
import type { Fault } from '../provider.ts';
import { EXTERNAL_REFUSALS } from './bitrix24-external-refusals.ts';
import { REFUSALS } from './bitrix24-refusals.ts';

/** A dial's outcome other than success. */
export interface Failure {
  kind: 'refused' | 'not_sent' | 'uncertain';
  fault: Fault;
}

/** What one documented error means. Rules of one `error` stand together, the one without a description last. */
export interface FaultRule extends Failure {
  /** Lower case; the portal's spelling varies. */
  error: string;
  /** Beginning of `error_description`, lower case; undefined: whatever it says. */
  description?: string;
}

const PORTAL_FAILED: Fault = {
  code: 'portal_failed',
  message: 'The portal failed while it worked on the request. If this repeats, ask Bitrix24 support.',
  problem: 'unavailable',
  configuration: false,
};

const RATE_LIMITED: Fault = {
  code: 'rate_limited',
  message:
    'The portal takes no more requests for a moment. If this repeats, another integration of the portal that comes from the same address uses up the limit.',
  problem: 'unavailable',
  configuration: false,
};

const OPERATING_LIMIT: Fault = {
  code: 'operating_limit',
  message: 'This webhook has used up the time that the portal gives it within ten minutes. Find out what else uses the same webhook.',
  problem: 'unavailable',
  configuration: false,
};

export const FAULT_RULES: readonly FaultRule[] = [
  ...[...EXTERNAL_REFUSALS, ...REFUSALS].map(({ fault, ...match }): FaultRule => ({ ...match, kind: 'refused', fault })),
  // The only two that the portal documents as turned away before it looks at the request.
  { error: 'query_limit_exceeded', kind: 'not_sent', fault: RATE_LIMITED },
  { error: 'operation_time_limit', kind: 'not_sent', fault: OPERATING_LIMIT },
  { error: 'internal_server_error', kind: 'uncertain', fault: PORTAL_FAILED },
  { error: 'error_unexpected_answer', kind: 'uncertain', fault: PORTAL_FAILED },
];

/** By the error's code, then the beginning of its description, then the status. */
export function judgeError(status: number, error: string, description: string): Failure {
  const code = error.trim().toLowerCase();
  const text = description.trim().toLowerCase();
  const rule = FAULT_RULES.find((each) => each.error === code && text.startsWith(each.description ?? ''));
  if (rule !== undefined) return { kind: rule.kind, fault: rule.fault };
  // 408 says that somebody on the way waited too long, which may have been for the portal.
  if (status >= 400 && status < 500 && status !== 408) return { kind: 'refused', fault: REFUSED_OTHERWISE };
  return { kind: 'uncertain', fault: status >= 500 ? PORTAL_FAILED : UNREADABLE.fault };
}

const REFUSED_OTHERWISE: Fault = {
  code: 'refused_otherwise',
  message: 'The portal refused with an error that its documentation does not list. Check the webhook, its scopes and the line.',
  problem: 'unavailable',
  configuration: true,
};

/** A redirect answers for an address that is not the portal's any more, before the portal has seen anything. */
export const MOVED: Failure = {
  kind: 'refused',
  fault: {
    code: 'portal_moved',
    message: 'The portal answers with a redirect, which is not followed. Copy the webhook address anew: the portal has been renamed.',
    problem: 'unavailable',
    configuration: true,
  },
};

export const UNREADABLE = uncertain('answer_unreadable', 'The portal answered with something that is not its documented answer');
export const TOO_LONG = uncertain('answer_too_long', 'The portal answered with more than 64 KiB');
export const TOO_LATE = uncertain('answer_too_late', 'The portal did not answer within 15 seconds');
export const BROKEN_OFF = uncertain('connection_broken', 'The connection to the portal broke before its answer was complete');

function uncertain(code: string, what: string): Failure {
  const message = `${what}. If this repeats, check what stands between the relay and the portal.`;
  return { kind: 'uncertain', fault: { code, message, problem: 'unavailable', configuration: false } };
}

export const NAME_NOT_FOUND = notSent(
  'portal_name_not_found',
  "The portal's host name cannot be found. Check the webhook address and the name server.",
  false,
);
export const NO_CONNECTION = notSent(
  'portal_unreachable',
  'No connection to the portal came about. Check the address, the network and the firewall.',
  false,
);
export const TLS_FAILED = notSent(
  'portal_certificate',
  "The portal's certificate was not accepted, or no safe connection could be agreed on. Renew it, or check for a proxy that replaces it.",
  true,
);
export const OUT_OF_TIME = notSent(
  'out_of_time',
  'The preparations took so long that nobody waits for the call any more. If this repeats, check the network and the portal.',
  false,
);

function notSent(code: string, message: string, configuration: boolean): Failure {
  return { kind: 'not_sent', fault: { code, message, problem: 'unavailable', configuration } };
}

const PROBLEMS: ReadonlyMap<string, Fault['problem']> = new Map(
  [...FAULT_RULES, MOVED, UNREADABLE, TOO_LONG, TOO_LATE, BROKEN_OFF, NAME_NOT_FOUND, NO_CONNECTION, TLS_FAILED, OUT_OF_TIME]
    .map(({ fault }) => fault)
    .concat(REFUSED_OTHERWISE)
    .map(({ code, problem }): [string, Fault['problem']] => [code, problem])
    // Ends of a call, which the provider found out only while it dialled.
    .concat([
      ['number_not_found', 'number_invalid'],
      ['number_incomplete', 'number_invalid'],
    ]),
);

/** What a visitor may be told about a code that stands in a stored call; undefined if it does not come from here. */
export function problemOf(code: string): Fault['problem'] | undefined {
  return PROBLEMS.get(code);
}
