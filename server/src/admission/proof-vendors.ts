/**
 * What hosted checks have in common and where they differ, as they document it: Cloudflare Turnstile, hCaptcha and Yandex
 * SmartCaptcha. A token is worth one check and dies by itself after a few minutes.
 */

export type SiteverifyVendorName = 'turnstile' | 'hcaptcha' | 'smartcaptcha';

export interface TokenQuestion {
  token: string;
  secret: string;
  siteKey: string;
  /** The visitor's address, where it is known: it helps the vendor judge. */
  address: string | undefined;
  /** A UUID made of the token: a vendor that knows such keys gives a repeated question its first answer. */
  repeatKey: string;
}

export type VendorVerdict =
  /**
   * `hostname`: the page's, undefined where the vendor keeps it to itself. `action` and `data`: what the page said that the check is
   * for, and for which site; undefined where the vendor carries no such thing.
   */
  | { kind: 'good'; hostname: string | undefined; action: string | undefined; data: string | undefined }
  | { kind: 'bad' }
  /** The vendor did not judge. `fault` is one of our own words, never the vendor's text. */
  | { kind: 'no_verdict'; fault: 'vendor_down' | 'unreadable' | 'secret_refused' };

export interface SiteverifyVendor {
  readonly address: string;
  readonly tokenLifeMs: number;
  /** The fields of the form that is posted. */
  fields(question: TokenQuestion): Record<string, string | undefined>;
  judge(answer: Readonly<Record<string, unknown>>): VendorVerdict;
}

/** The name that the page gives its check, where the vendor takes one. */
export const SITEVERIFY_ACTION = 'callback';

export const SITEVERIFY_VENDORS: Readonly<Record<SiteverifyVendorName, SiteverifyVendor>> = {
  // https://developers.cloudflare.com/turnstile/get-started/server-side-validation/
  turnstile: {
    address: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
    tokenLifeMs: 300_000,
    fields: ({ token, secret, address, repeatKey }) => ({ secret, response: token, remoteip: address, idempotency_key: repeatKey }),
    judge: (answer) =>
      judgeSuccess(answer, textOf(answer.hostname) ?? '', { action: textOf(answer.action) ?? '', data: textOf(answer.cdata) ?? '' }),
  },
  // https://docs.hcaptcha.com/#verify-the-user-response-server-side
  hcaptcha: {
    address: 'https://api.hcaptcha.com/siteverify',
    tokenLifeMs: 120_000,
    fields: ({ token, secret, siteKey, address }) => ({ secret, response: token, remoteip: address, sitekey: siteKey }),
    // An account may keep its visitors' hostnames to itself; then the site key, which was asked about, is all the binding there is.
    judge: (answer) => judgeSuccess(answer, answer.hostname === 'not-provided' ? undefined : textOf(answer.hostname), UNTOLD),
  },
  // https://yandex.cloud/en/docs/smartcaptcha/operations/validate-captcha
  smartcaptcha: {
    address: 'https://smartcaptcha.cloud.yandex.ru/validate',
    tokenLifeMs: 300_000,
    fields: ({ token, secret, address }) => ({ secret, token, ip: address }),
    judge({ status, message, host }) {
      if (status === 'failed') {
        return typeof message === 'string' && message.startsWith('Authentication failed')
          ? { kind: 'no_verdict', fault: 'secret_refused' }
          : { kind: 'bad' };
      }
      if (status !== 'ok') return { kind: 'no_verdict', fault: 'unreadable' };
      // A blocked account, or a fault inside, is waved through without a host: that is no verdict about a visitor.
      return textOf(host) === undefined
        ? { kind: 'no_verdict', fault: 'vendor_down' }
        : { kind: 'good', hostname: textOf(host), ...UNTOLD };
    },
  },
};

const UNTOLD = { action: undefined, data: undefined };

/** Everything else that can be wrong is wrong with the token, so that no token can be made up that leaves the verdict open. */
const SECRET_FAULTS = ['missing-input-secret', 'invalid-input-secret'];

function judgeSuccess(
  answer: Readonly<Record<string, unknown>>,
  hostname: string | undefined,
  purpose: { action: string | undefined; data: string | undefined },
): VendorVerdict {
  if (answer.success === true) return { kind: 'good', hostname, ...purpose };
  if (answer.success !== false) return { kind: 'no_verdict', fault: 'unreadable' };
  const codes: unknown[] = Array.isArray(answer['error-codes']) ? answer['error-codes'] : [];
  if (codes.some((code) => SECRET_FAULTS.includes(String(code)))) return { kind: 'no_verdict', fault: 'secret_refused' };
  return codes.includes('internal-error') ? { kind: 'no_verdict', fault: 'vendor_down' } : { kind: 'bad' };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
