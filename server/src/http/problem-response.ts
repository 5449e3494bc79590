/** The one place where something wrong becomes a response (RFC 9457). */
import type { Context } from 'hono';
import type { Challenge } from '../contract/challenge.ts';
import { PROBLEMS, type Problem, type ProblemCode } from '../contract/problems.ts';
import type { Log } from '../log.ts';
import type { RelayEnv } from './relay-env.ts';
import { formatInstant, respond } from './respond.ts';

interface ProblemExtras {
  detail?: string | undefined;
  scope?: string | undefined;
  retryAfterS?: number | undefined;
  /** Epoch ms. */
  opensAt?: number | undefined;
  challenge?: Challenge | undefined;
  headers?: Readonly<Record<string, string>> | undefined;
}

/**
 * Thrown by a guard or a route. Carries nothing that a stranger may not read, but for `scope`, which is for the log alone. An `Error` to whoever asks, but not made as one:
 * refusals are expected by the thousand, and what an error costs to make would be more than all else that some of them do.
 */
export class RequestProblem implements Error {
  readonly name = 'RequestProblem';
  readonly message: string;
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  /** What stands behind it. */
  readonly scope: string | undefined;
  /** Seconds until it is worth trying again. */
  readonly retryAfterS: number | undefined;
  readonly opensAt: number | undefined;
  readonly challenge: Challenge | undefined;
  /** Further fields of this answer alone. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ProblemCode, { detail, scope, retryAfterS, opensAt, challenge, headers }: ProblemExtras = {}) {
    this.message = code;
    this.code = code;
    this.detail = detail;
    this.scope = scope;
    this.retryAfterS = retryAfterS;
    this.opensAt = opensAt;
    this.challenge = challenge;
    this.headers = headers;
  }
}
Object.setPrototypeOf(RequestProblem.prototype, Error.prototype);

/** What becomes of a problem that was thrown; a route that has one at hand is quicker to answer so at once. `path`: its pattern. */
export function refuseRequest(c: Context<RelayEnv>, problem: RequestProblem, path: string, { log }: { log: Log }): Response {
  log({ level: 'info', event: 'request.refused', code: problem.code, detail: problem.detail, scope: problem.scope, path });
  return problemResponse(c, problem);
}

/** When nobody can say how long it will last. */
const UNAVAILABLE_RETRY_S = 30;

export function problemResponse(c: Context<RelayEnv>, problem: RequestProblem): Response {
  const { code, retryAfterS, headers } = problem;
  const waitS = retryAfterS ?? (code === 'unavailable' ? UNAVAILABLE_RETRY_S : undefined);
  const isPlain = headers === undefined && waitS === undefined;
  const ownHeaders = isPlain ? HEADERS : { ...headers, ...HEADERS, ...(waitS !== undefined && { 'Retry-After': String(waitS) }) };
  return respond(c, PROBLEMS[code].status, writeProblem(problem), ownHeaders);
}

const HEADERS = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };

/** Most refusals say the same again and again. Codes and the details of ours are few. */
const written = new Map<string, string>();
const MAX_WRITTEN = 500;

function writeProblem(problem: RequestProblem): string {
  const { code, detail = '', opensAt, challenge } = problem;
  if (opensAt !== undefined || challenge !== undefined) return compose(problem);
  const key = `${code} ${detail}`;
  const known = written.get(key);
  if (known !== undefined) return known;
  const text = compose(problem);
  if (written.size < MAX_WRITTEN) written.set(key, text);
  return text;
}

function compose({ code, detail, opensAt, challenge }: RequestProblem): string {
  const { status, title } = PROBLEMS[code];
  const problem: Problem = {
    type: `urn:ringback:problem:${code}`,
    title,
    status,
    code,
    ...(detail !== undefined && { detail }),
    ...(opensAt !== undefined && { opensAt: formatInstant(opensAt) }),
    ...(challenge !== undefined && { challenge }),
  };
  return JSON.stringify(problem);
}
