/**
 * Everything that can stand between an order and a ringing telephone at Telphin: one table of the platform's documented errors,
 * and what the way to it can do. Whatever the host wrote is only compared, never passed on.
 *
 * The platform names an error by its `status`, a word that tells errors of one HTTP code apart; many come with a `message` alone.
 * The page that lists them is known in part only, so what is not in the table is judged by its HTTP code.
 */
import { type Exchange, isRecord } from '../exchange.ts';
import type { NotSentProof } from '../not-sent.ts';
import type { Fault } from '../provider.ts';

/** A request's end other than success. */
export interface Failure {
  kind: 'refused' | 'not_sent' | 'uncertain';
  fault: Fault;
  /** Epoch ms, where the host said when to come back. */
  retryAt?: number | undefined;
}

function setUp(code: string, message: string): Failure {
  return { kind: 'refused', fault: { code, message, problem: 'unavailable', configuration: true } };
}

function passing(kind: Failure['kind'], code: string, message: string): Failure {
  return { kind, fault: { code, message, problem: 'unavailable', configuration: false } };
}

export const QUOTA_USED_UP = passing(
  'not_sent',
  'quota_used_up',
  'The hourly quota of the account is used up, by all of its applications together.',
);

/** By the word in `status`. */
const NAMED: ReadonlyMap<string, Failure> = new Map([
  ['access_denied', setUp('access_denied', 'The application may not do this. Give it the access level "Call API" or "All".')],
  ['user_blocked', setUp('user_blocked', 'The user of the account is blocked. Ask the operator of the telephony why.')],
  [
    'user_access_type_deny',
    setUp('user_may_not', 'The user of the account has no right to do this. Let an administrator of the account allow it.'),
  ],
  [
    'app_access_type_deny',
    setUp('app_may_not', 'The type of the application forbids this. Register one of the type "trusted" with the access level "All".'),
  ],
  ['client_not_found', setUp('client_unknown', 'The host does not know the account. Check the host and the application.')],
  ['rate_limit_exceeded', QUOTA_USED_UP],
  [
    // Nobody is rung: so much of the account's call limit is to be left free.
    'callback_rate_limit_exceeded',
    passing(
      'not_sent',
      'callback_limit',
      'So many calls are going on that `callback_rate_limit` keeps callbacks out. Lower it, or raise the call limit; with 100 every callback is declined.',
    ),
  ],
]);

export const TOKEN_REFUSED = setUp(
  'token_refused',
  'The host refuses a token that it has just given. Check that the application may use the interface.',
);
export const LINE_UNKNOWN = setUp(
  'line_unknown',
  'The host knows no such extension. Set the line to the id of one that `ringback lines` shows.',
);

/** Where there is no word, or one that the table does not know. */
const BY_CODE: ReadonlyMap<number, Failure> = new Map([
  [401, TOKEN_REFUSED],
  [403, setUp('forbidden', 'The host forbids this without saying why. Check the rights of the application and of its user.')],
  [404, LINE_UNKNOWN],
  // The history answers like this while it is read by somebody else. It comes before anything is done.
  [
    429,
    passing('not_sent', 'busy_for_others', 'The host works on another request of the account. If this repeats, look what else asks it.'),
  ],
]);

const REFUSED_OTHERWISE = setUp(
  'refused_otherwise',
  'The host refused with an error that is not known. Check the line, the numbers of the agents and the other settings for Telphin.',
);
const HOST_FAILED = passing(
  'uncertain',
  'host_failed',
  'The host failed while it worked on the request. If this repeats, ask its support.',
);

/** An answer that is no success. Only errors in the platform's own form prove that nobody was rung. */
export function judgeAnswer(status: number, body: unknown, retryAt: number | undefined): Failure {
  const words = wordsOf(body);
  if (status < 400 || words === undefined) return status >= 500 ? HOST_FAILED : UNREADABLE;
  for (const [name, failure] of NAMED) {
    if (words.includes(name)) return failure === QUOTA_USED_UP ? { ...failure, retryAt } : failure;
  }
  // 408 says that somebody on the way waited too long, which may have been for the host.
  if (status >= 500 || status === 408) return HOST_FAILED;
  return BY_CODE.get(status) ?? REFUSED_OTHERWISE;
}

/** Lower case; undefined for what is no error of the platform. */
function wordsOf(body: unknown): string[] | undefined {
  if (!isRecord(body) || CLAIMS_SUCCESS.some((name) => body[name] !== undefined)) return undefined;
  const words = [body.status, body.message, body.error].filter((word) => typeof word === 'string').map((word) => word.trim().toLowerCase());
  return words.length > 0 ? words : undefined;
}

/** An error beside an id contradicts itself, so it proves nothing. */
const CLAIMS_SUCCESS = ['call_id', 'call_api_id'];

/** What became of a request that got no answer. */
export function judgeSilence(silence: Exclude<Exchange, { kind: 'answer' }>): Failure {
  switch (silence.kind) {
    case 'unsent':
      return UNSENT[silence.proof];
    case 'moved':
      return MOVED;
    case 'too_long':
      return TOO_LONG;
    case 'too_late':
      return TOO_LATE;
    case 'broken':
      return BROKEN_OFF;
  }
}

/** A redirect answers for an address that is not the host's any more, before the host has seen anything. */
const MOVED = setUp('host_moved', 'The host answers with a redirect, which is not followed. Set the host to its new name.');

export const UNREADABLE = unclear('answer_unreadable', 'The host answered with something that is not its documented answer');
const TOO_LONG = unclear('answer_too_long', 'The host answered with more than 64 KiB');
const TOO_LATE = unclear('answer_too_late', 'The host did not answer within 15 seconds');
const BROKEN_OFF = unclear('connection_broken', 'The connection to the host broke before its answer was complete');

function unclear(code: string, what: string): Failure {
  return passing('uncertain', code, `${what}. If this repeats, check what stands between the relay and the host.`);
}

const UNSENT: Readonly<Record<NotSentProof, Failure>> = {
  name_not_found: passing('not_sent', 'host_name_not_found', 'The name of the host cannot be found. Check it and the name server.'),
  no_connection: passing(
    'not_sent',
    'host_unreachable',
    'No connection to the host came about. Check the host, the network and the firewall.',
  ),
  tls_failed: {
    kind: 'not_sent',
    fault: {
      code: 'host_certificate',
      message: "The host's certificate was not accepted, or no safe connection could be agreed on. Check for a proxy that replaces it.",
      problem: 'unavailable',
      configuration: true,
    },
  },
  out_of_time: passing(
    'not_sent',
    'out_of_time',
    'The preparations took so long that nobody waits for the call any more. If this repeats, check the host.',
  ),
};

export const APP_REFUSED = setUp(
  'app_refused',
  'The host does not know the application, or its secret is wrong. Copy both anew from the page of the application.',
);
export const TOKEN_UNAVAILABLE = passing(
  'not_sent',
  'token_unavailable',
  'The host gave no token, so nothing was dialled. If this repeats, check the host.',
);
export const LINE_UNFIT = setUp('line_unfit', 'The line must be the id of an extension: digits, or `@{NAME}` of a variable.');
export const AGENT_UNKNOWN = setUp(
  'agent_number_missing',
  'The number of the extension cannot be told. Set the numbers of the agents (`srcNum`) for the site or the department.',
);
export const NUMBER_UNFIT: Failure = {
  kind: 'refused',
  fault: { code: 'number_unfit', message: 'The number of the visitor is not E.164.', problem: 'number_invalid', configuration: false },
};
export const SETTING_UNFIT = setUp(
  'setting_unfit',
  'A setting for Telphin is out of its range. The documentation of the provider lists them.',
);
export const VOICES_MISSING = setUp(
  'voices_missing',
  'Telphin speaks no text, so there are no voices. Upload a recording and set its id as `announceSoundId`; `ringback sounds` lists them.',
);

const PROBLEMS: ReadonlyMap<string, Fault['problem']> = new Map(
  [...NAMED.values(), ...BY_CODE.values(), ...Object.values(UNSENT), REFUSED_OTHERWISE, HOST_FAILED, MOVED, UNREADABLE, TOO_LONG, TOO_LATE]
    .concat(BROKEN_OFF, APP_REFUSED, TOKEN_UNAVAILABLE, LINE_UNFIT, AGENT_UNKNOWN, NUMBER_UNFIT, SETTING_UNFIT, VOICES_MISSING)
    .map(({ fault }) => [fault.code, fault.problem]),
);

/** What a visitor may be told about a code that stands in a stored call; undefined if it does not come from here. */
export function problemOf(code: string): Fault['problem'] | undefined {
  return PROBLEMS.get(code);
}
