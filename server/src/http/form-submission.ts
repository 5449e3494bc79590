/** What becomes of a sent form: a call, or the form once more with the reason and everything typed. */
import { type Admission, admitCall } from '../admission/admit-call.ts';
import type { SiteConfig } from '../config/config.ts';
import { PROBLEMS } from '../contract/problems.ts';
import type { Call } from '../store/call.ts';
import { fillNotice, type Notice } from './form-parts.ts';
import { explainProblem, USUAL_WAIT_S } from './form-problems.ts';
import { type FieldFaults, type FormFields, findFieldFaults, type SentForm, toCallRequest } from './form-request.ts';
import { FORM_TEXTS, type FormLanguage } from './form-texts.ts';
import { FORM_TOKEN_MIN_AGE_MS, issueFormToken, readFormToken } from './form-token.ts';
import { secondsUntil } from './rate-limit-fields.ts';
import type { RelayContext } from './relay-env.ts';

export interface Sender {
  site: SiteConfig;
  language: FormLanguage;
  address: string | undefined;
}

export type Submission =
  | { kind: 'call'; call: Call }
  | { kind: 'again'; status: number; token: string; faults: FieldFaults; notice: Notice | undefined; retryAfterS: number | undefined };

export async function submitForm({ token, fields }: SentForm, sender: Sender, relay: RelayContext): Promise<Submission> {
  const { site, language } = sender;
  const texts = FORM_TEXTS[language];
  const now = relay.clock.now();
  const again = (over: Partial<Extract<Submission, { kind: 'again' }>>): Submission => {
    return { kind: 'again', status: 422, token, faults: {}, notice: undefined, retryAfterS: undefined, ...over };
  };

  const read = readFormToken(token, site.key, now, relay.vault);
  if (read.kind !== 'valid') {
    relay.log({ level: 'info', event: 'form.refused', site: site.key, reason: `token_${read.kind}` });
    return again({ status: 403, token: nextToken(token, read.kind, site.key, relay), notice: fillNotice(texts, read.kind) });
  }

  const faults = findFieldFaults(fields, site);
  if (Object.keys(faults).length > 0) return again({ faults });

  const admission = await admitForm(fields, read.idempotencyKey, sender, relay);
  if (admission === undefined) {
    const { unavailable: retryAfterS } = USUAL_WAIT_S;
    return again({ status: PROBLEMS.unavailable.status, notice: fillNotice(texts, 'unsure'), retryAfterS });
  }
  if (admission.kind !== 'problem') {
    const { kind, call } = admission;
    relay.log({ level: 'info', event: `request.${kind}`, callId: call.id, site: site.key, country: call.country });
    if (kind === 'accepted') relay.wake();
    return { kind: 'call', call };
  }

  const { code, detail, scope, retryAt, opensAt } = admission;
  relay.log({ level: 'info', event: 'request.refused', site: site.key, code, detail, scope });
  const retryAfterS = retryAt === undefined ? USUAL_WAIT_S[code] : secondsUntil(retryAt, now);
  return again({
    ...explainProblem(code, { site, language, waitS: retryAfterS, opensAt, detail }),
    status: PROBLEMS[code].status,
    retryAfterS,
    // Something else was sent with this token and accepted: what is sent next is a call of its own.
    ...(code === 'key_reused' && { token: seasonedToken(site.key, relay) }),
  });
}

/** One that is merely young will do in a moment. */
function nextToken(token: string, kind: 'forged' | 'expired' | 'too_young', site: string, relay: RelayContext): string {
  switch (kind) {
    case 'too_young':
      return token;
    case 'expired':
      return seasonedToken(site, relay);
    case 'forged':
      return issueFormToken(site, relay.clock.now(), relay.vault);
  }
}

/** For somebody who has already shown the patience that a new form asks for. */
function seasonedToken(site: string, { clock, vault }: RelayContext): string {
  return issueFormToken(site, clock.now() - FORM_TOKEN_MIN_AGE_MS, vault);
}

/** Undefined: something failed inside, and nobody knows how far it came. The same token sent again never makes a second call. */
async function admitForm(fields: FormFields, idempotencyKey: string, sender: Sender, relay: RelayContext): Promise<Admission | undefined> {
  const { site, language, address } = sender;
  // Pages without a script are what a simple script can post: the limits of their source are half as wide.
  const request = toCallRequest(fields, site, language, relay.clock.now());
  try {
    return await admitCall({ request, site, idempotencyKey, address, strict: true }, relay);
  } catch (error) {
    relay.log({ level: 'error', event: 'request.failed', error: error instanceof Error ? error.name : typeof error, site: site.key });
    return undefined;
  }
}
