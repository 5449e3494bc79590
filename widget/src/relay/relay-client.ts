/** The relay's contract from the page's side. Nothing is thrown: what can go wrong is one of three answers. */
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import type { Challenge, EarlyChallenge } from '../../../server/src/contract/challenge.ts';
import type { ProblemCode } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { Texts } from '../text/en.ts';

/** `unreachable` also means "unclear": a request that ends so may have arrived. */
export type Answer<T> =
  | { kind: 'ok'; value: T }
  | {
      kind: 'problem';
      code: ProblemCode;
      /** 0: the relay does not say. */
      retryAfterMs: number;
      /** With `closed`, RFC 3339. */
      opensAt?: string | undefined;
      /** With `proof_required`: what is to be solved before the same request is sent again. */
      challenge?: Challenge | undefined;
    }
  | { kind: 'unreachable' };

export interface Relay {
  /** Of the page that runs a hosted check for this site. */
  readonly checkAddress: string;
  /** `department`: whose hours and slots; may be empty. */
  readSite(department: string): Promise<Answer<SiteView>>;
  /** For sites whose view says `proof`: what a request will have to bring. */
  readChallenge(): Promise<Answer<EarlyChallenge>>;
  /** The sentences of a language other than English. */
  readTexts(language: string): Promise<Answer<Texts>>;
  /** `body` goes out byte for byte as it was frozen; the same key with the same body is the same call. */
  postCall(key: string, body: string): Promise<Answer<CallAccepted>>;
  readCall(id: string, token: string): Promise<Answer<CallView>>;
  cancelCall(id: string, token: string): Promise<Answer<CallView>>;
}

/** Longer than a relay ever takes, shorter than a visitor waits. */
const ANSWER_WITHIN_MS = 12_000;

/** `base`: origin, perhaps with a path, without a slash at its end. */
export function relayClient(base: string, site: string, fetch: typeof globalThis.fetch): Relay {
  async function ask<T>(path: string, mustHave: keyof T & string, init?: RequestInit): Promise<Answer<T>> {
    try {
      const response = await fetch(base + path, { credentials: 'omit', signal: AbortSignal.timeout(ANSWER_WITHIN_MS), ...init });
      const body = await response.json();
      if (response.ok && mustHave in body) return { kind: 'ok', value: body };
      // A proxy's error page is no answer of the relay: only a problem with a code is.
      if (!response.ok && body.code) {
        const retryAfterMs = (Number(response.headers.get('Retry-After')) || 0) * 1000;
        return { kind: 'problem', code: body.code, retryAfterMs, opensAt: body.opensAt, challenge: body.challenge };
      }
    } catch {
      // No network, no time left, or no JSON: all one to the visitor.
    }
    return { kind: 'unreachable' };
  }

  const askCall = (id: string, token: string, method: string) =>
    ask<CallView>(`/v1/calls/${id}`, 'state', { method, headers: { Authorization: `Bearer ${token}` } });

  return {
    checkAddress: `${base}/check/${site}`,
    readSite: (department) => ask(`/v1/sites/${site}${department && `?department=${encodeURIComponent(department)}`}`, 'countries'),
    readChallenge: () => ask(`/v1/sites/${site}/challenge`, 'challenge'),
    readTexts: (language) => ask(`/callback/${language}.json`, 'title'),
    postCall: (key, body) =>
      ask('/v1/calls', 'statusToken', { method: 'POST', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key }, body }),
    readCall: (id, token) => askCall(id, token, 'GET'),
    cancelCall: (id, token) => askCall(id, token, 'DELETE'),
  };
}
