/** The relay's contract from the page's side. Nothing is thrown: what can go wrong is one of three answers. */
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import type { ProblemCode } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { Clock } from '../clock.ts';
import type { Texts } from '../text/en.ts';

/** `unreachable` also means "unclear": a request that ends so may have arrived. */
export type Answer<T> = { kind: 'ok'; value: T } | { kind: 'problem'; code: ProblemCode; retryAfterMs?: number } | { kind: 'unreachable' };

export interface Relay {
  readSite(): Promise<Answer<SiteView>>;
  /** The sentences of a language other than English. */
  readTexts(language: string): Promise<Answer<Texts>>;
  /** `body` goes out byte for byte as it was frozen; the same key with the same body is the same call. */
  postCall(key: string, body: string): Promise<Answer<CallAccepted>>;
  readCall(id: string, token: string): Promise<Answer<CallView>>;
  cancelCall(id: string, token: string): Promise<Answer<CallView>>;
}

export interface RelayClientOptions {
  /** Origin, perhaps with a path, without a slash at its end. */
  base: string;
  site: string;
  fetch: typeof fetch;
  clock: Clock;
}

/** Longer than a relay ever takes, shorter than a visitor waits. */
const ANSWER_WITHIN_MS = 12_000;

export function relayClient({ base, site, fetch, clock }: RelayClientOptions): Relay {
  async function ask<T>(path: string, mustHave: keyof T & string, init: RequestInit = {}): Promise<Answer<T>> {
    const limit = new AbortController();
    const stopLimit = clock.after(ANSWER_WITHIN_MS, () => limit.abort());
    try {
      const response = await fetch(base + path, { ...init, credentials: 'omit', signal: limit.signal });
      const body: unknown = await response.json();
      if (response.ok && has(body, mustHave)) return { kind: 'ok', value: body as T };
      // A proxy's error page is no answer of the relay: only a problem with a code is.
      return !response.ok && has(body, 'code') ? problemOf(body.code as ProblemCode, response) : { kind: 'unreachable' };
    } catch {
      return { kind: 'unreachable' };
    } finally {
      stopLimit();
    }
  }

  const callPath = (id: string) => `/v1/calls/${encodeURIComponent(id)}`;
  const bearer = (token: string) => ({ headers: { Authorization: `Bearer ${token}` } });

  return {
    readSite: () => ask<SiteView>(`/v1/sites/${encodeURIComponent(site)}`, 'countries'),
    readTexts: (language) => ask<Texts>(`/callback/${language}.json`, 'title'),
    postCall: (key, body) =>
      ask<CallAccepted>('/v1/calls', 'statusToken', {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        body,
      }),
    readCall: (id, token) => ask<CallView>(callPath(id), 'state', bearer(token)),
    cancelCall: (id, token) => ask<CallView>(callPath(id), 'state', { method: 'DELETE', ...bearer(token) }),
  };
}

function has<K extends string>(body: unknown, key: K): body is Record<K, unknown> {
  return typeof body === 'object' && body !== null && key in body;
}

function problemOf(code: ProblemCode, response: Response): Answer<never> {
  const seconds = Number(response.headers.get('Retry-After'));
  return { kind: 'problem', code, ...(seconds > 0 && { retryAfterMs: seconds * 1000 }) };
}
