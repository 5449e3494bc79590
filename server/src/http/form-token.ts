/**
 * The hidden token of a drawn form: this relay drew it, for this site, at this time. It carries the idempotency key of whatever
 * is sent with it, so pressing twice, going back and sending again are all one call. Nothing is stored.
 */
import type { Vault } from '../store/vault.ts';
import { equalsOneInConstantTime } from './status-token.ts';

/** A page that lay open for longer is drawn anew, with everything typed kept. */
export const FORM_TOKEN_LIFE_MS = 2 * 3_600_000;
/** People need longer than this for a telephone number, scripts do not. */
export const FORM_TOKEN_MIN_AGE_MS = 2_000;

export type FormTokenReading = { kind: 'valid' | 'expired' | 'too_young'; idempotencyKey: string } | { kind: 'forged' };

/** `issuedAt`: epoch ms. */
export function issueFormToken(site: string, issuedAt: number, vault: Vault): string {
  const content = `${issuedAt.toString(36)}.${crypto.randomUUID()}`;
  return `${content}.${vault.keyOf('form', signedText(site, content))}`;
}

export function readFormToken(token: string, site: string, now: number, vault: Vault): FormTokenReading {
  const [, content, time, idempotencyKey, signature] = TOKEN.exec(token) ?? [];
  if (content === undefined || time === undefined || idempotencyKey === undefined || signature === undefined) return { kind: 'forged' };
  if (!equalsOneInConstantTime(signature, vault.keysOf('form', signedText(site, content)))) return { kind: 'forged' };
  const ageMs = now - Number.parseInt(time, 36);
  if (ageMs >= FORM_TOKEN_LIFE_MS) return { kind: 'expired', idempotencyKey };
  return { kind: ageMs < FORM_TOKEN_MIN_AGE_MS ? 'too_young' : 'valid', idempotencyKey };
}

const TOKEN = /^(([0-9a-z]{1,11})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))\.([\w-]{22})$/;

/** The content holds no comma, and the site stands last: no two forms share a signed text. */
function signedText(site: string, content: string): string {
  return `${content},${site}`;
}
