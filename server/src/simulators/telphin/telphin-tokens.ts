/** The host's authorisation: tokens for one application, each good until it expires or is taken back. */
import type { Clock } from '../../clock.ts';

export interface TelphinTokensOptions {
  clock: Clock;
  appId: string;
  appSecret: string;
  /** Seconds; `null` leaves it out of the answer, and the token never ends by itself. */
  lifetimeS: number | null;
}

export interface TelphinTokens {
  /** Every token that was given, oldest first. */
  readonly given: readonly string[];
  answer(form: URLSearchParams): Response;
  isGood(authorization: string | undefined): boolean;
  /** All that were given until now. */
  takeBack(): void;
}

export function telphinTokens({ clock, appId, appSecret, lifetimeS }: TelphinTokensOptions): TelphinTokens {
  const endsAt = new Map<string, number>();
  const given: string[] = [];
  return {
    given,
    answer(form) {
      if (form.get('grant_type') !== 'client_credentials') return Response.json({ error: 'unsupported_grant_type' }, { status: 400 });
      if (form.get('client_id') !== appId || form.get('client_secret') !== appSecret) {
        return Response.json({ error: 'invalid_client' }, { status: 401 });
      }
      const token = `t0k3nc4n4ry${given.length + 1}`;
      given.push(token);
      endsAt.set(token, lifetimeS === null ? Number.POSITIVE_INFINITY : clock.now() + lifetimeS * 1_000);
      return Response.json({ access_token: token, token_type: 'Bearer', ...(lifetimeS !== null && { expires_in: lifetimeS }) });
    },
    isGood(authorization) {
      const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1];
      return token !== undefined && (endsAt.get(token) ?? 0) > clock.now();
    },
    takeBack: () => endsAt.clear(),
  };
}
