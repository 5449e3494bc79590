/** The one place where something wrong becomes a response (RFC 9457). */
import type { Context } from 'hono';
import { PROBLEMS, type Problem, type ProblemCode } from '../contract/problems.ts';
import type { RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

/** Thrown by a guard or a route. Carries nothing that a stranger may not read. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem';
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  /** Seconds until it is worth trying again. */
  readonly retryAfterS: number | undefined;

  constructor(code: ProblemCode, { detail, retryAfterS }: { detail?: string | undefined; retryAfterS?: number | undefined } = {}) {
    // Refusals are expected by the thousand; capturing where each was thrown would cost more than all else that it does.
    const stackTraceLimit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    super(code);
    Error.stackTraceLimit = stackTraceLimit;
    this.code = code;
    this.detail = detail;
    this.retryAfterS = retryAfterS;
  }
}

/** When nobody can say how long it will last. */
const UNAVAILABLE_RETRY_S = 30;

export function problemResponse(c: Context<RelayEnv>, { code, detail, retryAfterS }: RequestProblem): Response {
  const { status, title } = PROBLEMS[code];
  const problem: Problem = { type: `urn:ringback:problem:${code}`, title, status, code, ...(detail !== undefined && { detail }) };
  const waitS = retryAfterS ?? (code === 'unavailable' ? UNAVAILABLE_RETRY_S : undefined);
  return respond(c, status, JSON.stringify(problem), {
    'Content-Type': 'application/problem+json',
    'Cache-Control': 'no-store',
    ...(waitS !== undefined && { 'Retry-After': String(waitS) }),
  });
}
