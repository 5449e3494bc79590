/**
 * Bitrix24's authorisation servers. The application's secret goes to them and to nobody else, whatever an event names, and what they
 * answer is the only source of a portal's address: a portal cannot vouch for itself.
 * https://apidocs.bitrix24.com/settings/oauth/auto-renewal.html
 */
import type { Secret } from '../../config/secret.ts';
import { CLIENT_REFUSED, NOT_RENEWED, UNPAID } from './bitrix24-app-faults.ts';
import type { Tokens } from './bitrix24-app-record.ts';
import type { Failure } from './bitrix24-faults.ts';
import { type OneRequest, type RequestTools, sendOnce } from './bitrix24-request.ts';

/** The second serves portals of the Russian cloud. */
export const AUTH_SERVERS: readonly [string, ...string[]] = ['https://oauth.bitrix.info', 'https://oauth.bitrix24.tech'];

/**
 * The documentation shows a GET, whose address would hold the secret and end up in logs. A form by POST is what Bitrix24's own
 * JavaScript SDK sends. Should a server not take it, this is the place.
 */
const TOKEN_REQUEST: 'post' | 'get' = 'post';

export interface AuthServersOptions extends RequestTools {
  clientId: string;
  clientSecret: Secret;
  /** Origin of the one that is asked instead of Bitrix24's own. Loopback: the portal's address may be one too, in plain http. */
  own?: string | undefined;
}

export interface Grant {
  memberId: string;
  tokens: Tokens;
}

export type Exchange =
  | { kind: 'granted'; grant: Grant }
  /** The refresh token is not good any more, or never was. */
  | { kind: 'denied' }
  | { kind: 'failed'; failure: Failure };

export interface AuthServers {
  /** The origin to ask, from what a delivery names; undefined: none of ours. The usual one where nothing is named. */
  pick(serverEndpoint: string | undefined): string | undefined;
  /** Uses the refresh token up: from now on only what comes back is good. Never throws. */
  exchange(origin: string, refreshToken: string, withinMs: number): Promise<Exchange>;
}

export function authServers({ clientId, clientSecret, own, ...tools }: AuthServersOptions): AuthServers {
  const allowed = own === undefined ? AUTH_SERVERS : ([own] as const);
  const takesLoopback = own !== undefined && isLoopback(readUrl(own));

  return {
    pick(serverEndpoint) {
      if (serverEndpoint === undefined || serverEndpoint === '') return allowed[0];
      const origin = readUrl(serverEndpoint)?.origin;
      return allowed.find((each) => each === origin);
    },
    async exchange(origin, refreshToken, withinMs) {
      if (!allowed.includes(origin)) return { kind: 'failed', failure: NOT_RENEWED };
      const form = new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: clientId,
        client_secret: clientSecret.reveal(),
        refresh_token: refreshToken,
      });
      const answer = await sendOnce(tokenRequest(`${origin}/oauth/token/`, form.toString(), withinMs), tools);
      if (answer.kind !== 'answer') return { kind: 'failed', failure: NOT_RENEWED };
      const { status, object } = answer;
      if (status >= 200 && status < 300) {
        const grant = readGrant(object, origin);
        return grant === undefined ? { kind: 'failed', failure: NOT_RENEWED } : { kind: 'granted', grant };
      }
      return status < 500 ? judgeDenial(object.error) : { kind: 'failed', failure: NOT_RENEWED };
    },
  };

  function readGrant(object: Readonly<Record<string, unknown>>, origin: string): Grant | undefined {
    const { access_token: accessToken, refresh_token: refreshToken, member_id: memberId, server_endpoint: server } = object;
    const clientEndpoint = readEndpoint(object.client_endpoint);
    if (!isToken(accessToken) || !isToken(refreshToken) || !isToken(memberId) || clientEndpoint === undefined) return undefined;
    const named = typeof server === 'string' ? readUrl(server)?.origin : undefined;
    const authServer = allowed.find((each) => each === named) ?? origin;
    return { memberId, tokens: { accessToken, refreshToken, clientEndpoint, authServer } };
  }

  /** `https://<portal>/rest/`, written our way; a port is a portal's own affair. */
  function readEndpoint(value: unknown): string | undefined {
    const url = typeof value === 'string' ? readUrl(value) : undefined;
    if (url === undefined || url.pathname !== '/rest/' || url.username !== '' || url.password !== '') return undefined;
    const isSafe = url.protocol === 'https:' || (url.protocol === 'http:' && takesLoopback && isLoopback(url));
    return isSafe ? `${url.origin}/rest/` : undefined;
  }
}

function tokenRequest(url: string, form: string, withinMs: number): OneRequest {
  if (TOKEN_REQUEST === 'post') return { url, content: { type: 'application/x-www-form-urlencoded', body: form }, withinMs };
  return { url: `${url}?${form}`, content: undefined, withinMs };
}

/** Both spellings of a wrong application have been seen. https://apidocs.bitrix24.com/settings/oauth/error-codes.html */
function judgeDenial(error: unknown): Exchange {
  switch (typeof error === 'string' ? error.toLowerCase() : undefined) {
    case 'invalid_grant':
    case 'bad_verification_code':
      return { kind: 'denied' };
    case 'invalid_client':
    case 'wrong_client':
      return { kind: 'failed', failure: CLIENT_REFUSED };
    case 'payment_required':
      return { kind: 'failed', failure: UNPAID };
    default:
      return { kind: 'failed', failure: NOT_RENEWED };
  }
}

/** Printable and without blanks: it is put into addresses, forms and JSON. */
export function isToken(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,512}$/.test(value);
}

function readUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function isLoopback(url: URL | undefined): boolean {
  return url !== undefined && (url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(url.hostname));
}
