/**
 * Bitrix24's authorisation server as its documentation describes it: it gives applications pairs of tokens. An access token lives for
 * an hour; a refresh token is good for one exchange, and with its exchange the old access token dies as well.
 */
import { Hono } from 'hono';
import type { Clock } from '../../clock.ts';

export interface OauthServerOptions {
  clock: Clock;
  /** `https://oauth.bitrix.info` when absent. */
  origin?: string;
  clientId: string;
  clientSecret: string;
}

/** A portal in which the application is installed. */
export interface OauthTenant {
  readonly memberId: string;
  /** `https://<portal>/rest/`, as it is now. */
  endpoint(): string;
}

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** `executes`: whether the exchange takes place all the same. `answer`: what comes instead of the pair. */
export type OauthTrouble =
  | { kind: 'hang'; executes: boolean }
  | { kind: 'break'; executes: boolean }
  | { kind: 'answer'; status: number; body: string; executes: boolean };

export interface OauthServer {
  readonly app: Hono;
  readonly origin: string;
  /** Every request for tokens, oldest first, and what came of it. */
  readonly exchanges: readonly { readonly refreshToken: string; readonly outcome: string }[];
  /** A first pair, as an installation delivers it. */
  issue(tenant: OauthTenant): TokenPair;
  judge(accessToken: string, memberId: string): 'valid' | 'expired' | undefined;
  /** Every access token that has been given has expired from now on. */
  expireAll(): void;
  /** Nothing of this tenant is good any more. */
  revoke(memberId: string): void;
  /** For the next request. */
  trouble(trouble: OauthTrouble): void;
  /** The next exchange is answered for another tenant. */
  confuseWith(memberId: string): void;
}

const ACCESS_LIFE_MS = 3_600_000;

interface Grant {
  tenant: OauthTenant;
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
  isSpent: boolean;
}

export function oauthServer({ clock, origin = 'https://oauth.bitrix.info', clientId, clientSecret }: OauthServerOptions): OauthServer {
  const grants: Grant[] = [];
  const exchanges: { refreshToken: string; outcome: string }[] = [];
  const troubles: OauthTrouble[] = [];
  let confused: string | undefined;
  let serial = 0;

  function grant(tenant: OauthTenant): Grant {
    serial += 1;
    const made = {
      tenant,
      accessToken: `access-${serial}-${tenant.memberId}`,
      refreshToken: `refresh-${serial}-${tenant.memberId}`,
      expiresAt: clock.now() + ACCESS_LIFE_MS,
      isSpent: false,
    };
    grants.push(made);
    return made;
  }

  function exchange(form: URLSearchParams): Response {
    const refreshToken = form.get('refresh_token') ?? '';
    const note = (outcome: string) => exchanges.push({ refreshToken, outcome });
    const refuse = (status: number, error: string) => {
      note(error);
      return Response.json({ error, error_description: `Refused: ${refreshToken}` }, { status });
    };
    if (form.get('grant_type') !== 'refresh_token') return refuse(400, 'invalid_request');
    if (form.get('client_id') !== clientId || form.get('client_secret') !== clientSecret) return refuse(401, 'invalid_client');
    const old = grants.find((each) => each.refreshToken === refreshToken);
    if (old === undefined || old.isSpent) return refuse(400, 'invalid_grant');
    old.isSpent = true;
    old.expiresAt = clock.now();
    const { tenant, accessToken, refreshToken: next, expiresAt } = grant(old.tenant);
    note('granted');
    const memberId = confused ?? tenant.memberId;
    confused = undefined;
    return Response.json({
      access_token: accessToken,
      refresh_token: next,
      expires: Math.floor(expiresAt / 1000),
      expires_in: ACCESS_LIFE_MS / 1000,
      client_endpoint: tenant.endpoint(),
      server_endpoint: `${origin}/rest/`,
      domain: new URL(origin).host,
      member_id: memberId,
      scope: 'call,telephony',
      status: 'L',
      user_id: 1,
    });
  }

  const app = new Hono();
  app.all('/oauth/token/', async (c) => {
    const form = c.req.method === 'POST' ? new URLSearchParams(await c.req.text()) : new URL(c.req.url).searchParams;
    const trouble = troubles.shift();
    if (trouble === undefined) return exchange(form);
    if (trouble.executes) exchange(form);
    switch (trouble.kind) {
      case 'hang':
        return new Promise<never>(() => {});
      case 'break':
        return new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }));
      case 'answer':
        return new Response(trouble.body, { status: trouble.status });
      default:
        return trouble satisfies never;
    }
  });

  return {
    app,
    origin,
    exchanges,
    issue: (tenant) => grant(tenant),
    judge(accessToken, memberId) {
      const known = grants.find((each) => each.accessToken === accessToken && each.tenant.memberId === memberId);
      if (known === undefined) return undefined;
      return known.expiresAt > clock.now() ? 'valid' : 'expired';
    },
    expireAll() {
      for (const each of grants) each.expiresAt = clock.now();
    },
    revoke(memberId) {
      for (const each of grants) if (each.tenant.memberId === memberId) Object.assign(each, { expiresAt: clock.now(), isSpent: true });
    },
    trouble: (trouble) => troubles.push(trouble),
    confuseWith(memberId) {
      confused = memberId;
    },
  };
}
