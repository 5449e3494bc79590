import type { Challenge } from './challenge.ts';

/**
 * The closed list of things that can be wrong with a request, as RFC 9457 problems. The code is stable and is all that a
 * program may rely on; the title is for people who read traffic. Nothing that a provider said ever stands here.
 */
export const PROBLEMS = {
  invalid_request: { status: 400, title: 'The request is not what the contract describes.' },
  origin_not_allowed: { status: 403, title: 'This page may not ask for calls.' },
  proof_required: { status: 403, title: 'A solved proof must come with this request.' },
  unknown_site: { status: 404, title: 'There is no such site.' },
  unknown_call: { status: 404, title: 'There is no such call, or the token is not the one it was given.' },
  slot_unavailable: { status: 409, title: 'This time is no longer free.' },
  closed: { status: 409, title: 'Nobody is there to call at this time.' },
  too_late: { status: 409, title: 'The call can no longer be cancelled.' },
  body_too_large: { status: 413, title: 'The body is too large.' },
  unsupported_media_type: { status: 415, title: 'The body must be application/json.' },
  number_invalid: { status: 422, title: 'This is not a telephone number that exists.' },
  number_mismatch: { status: 422, title: 'The relay reads this number differently from the page.' },
  number_refused: { status: 422, title: 'This number is not called from here.' },
  consent_required: { status: 422, title: 'The consent that the site asks for is missing.' },
  key_reused: { status: 422, title: 'This idempotency key came before with another body.' },
  rate_limited: { status: 429, title: 'Too many requests; Retry-After says when to come back.' },
  unavailable: { status: 503, title: 'Calls cannot be taken right now; Retry-After says when to come back.' },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemCode = keyof typeof PROBLEMS;

/** `application/problem+json` as the relay sends it. `type` is the code as a URN; `detail` names the field at fault, if one is: `closed` with `phone` is the night at the other end. */
export interface Problem {
  type: `urn:ringback:problem:${ProblemCode}`;
  title: string;
  status: number;
  code: ProblemCode;
  detail?: string;
  /** With `closed`, RFC 3339: when a call like this may be asked for, if that is known. */
  opensAt?: string;
  /** With `proof_required`, fresh: the page solves it and sends the request again under the same key, with the solution as `proof`. */
  challenge?: Challenge;
}
