/**
 * May this request become a call? Everything up to the store is cheap and writes nothing; then one transaction takes the
 * idempotency key, every limit and the call itself, or none of them. Whatever fails inside closes: nothing is dialled.
 */
import { acceptCall, fingerprintOf } from '../calls/accept-call.ts';
import type { Clock } from '../clock.ts';
import type { Limits, SiteConfig } from '../config/config.ts';
import type { CallRequest } from '../contract/calls.ts';
import type { ProblemCode } from '../contract/problems.ts';
import type { Call, Limit, Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { type NumberReading, readNumber } from './number-policy.ts';
import { sourcePrefixes } from './source-prefixes.ts';

export interface AdmissionContext {
  store: Store;
  vault: Vault;
  clock: Clock;
  limits: Limits;
}

export interface Ask {
  request: CallRequest;
  site: SiteConfig;
  idempotencyKey: string;
  /** The client's address as the platform knows it; undefined is one strict bucket. */
  address: string | undefined;
}

export type Admission =
  /** `number`: the relay's reading, formatted for display. */
  { kind: 'accepted' | 'replayed'; call: Call; number: string } | Refusal;

export interface Refusal {
  kind: 'problem';
  code: ProblemCode;
  detail?: string;
  /** Epoch ms: when the limit in the way would let it pass. */
  retryAt?: number;
}

export async function admitCall(ask: Ask, context: AdmissionContext): Promise<Admission> {
  const { request, site, idempotencyKey } = ask;
  const number = readNumber(request.phone, request.country, site);
  const refusal = findRefusal(request, site, number);
  if (refusal !== undefined || number.kind !== 'number') {
    return (await findReplay(ask, context)) ?? refusal ?? refuse('number_invalid', 'phone');
  }

  const numberKey = context.vault.keyOf('number', number.e164);
  const limits = limitsOf(numberKey, ask.address, context);
  const result = await acceptCall({ request, idempotencyKey, e164: number.e164, numberKey, country: number.country, limits }, context);
  switch (result.kind) {
    case 'accepted':
    case 'replayed':
      return { kind: result.kind, call: result.call, number: number.display };
    case 'key_reused':
      return refuse('key_reused', 'Idempotency-Key');
    case 'limited':
      return { kind: 'problem', code: 'rate_limited', retryAt: result.retryAt };
  }
}

function findRefusal(request: CallRequest, site: SiteConfig, number: NumberReading): Refusal | undefined {
  if (request.department !== undefined) return refuse('invalid_request', 'department');
  if (request.at !== undefined) return refuse('slot_unavailable', 'at');
  if (site.consent !== undefined && request.consent?.textId !== site.consent.textId) return refuse('consent_required', 'consent');
  if (number.kind === 'invalid') return refuse('number_invalid', 'phone');
  if (number.kind === 'refused') return refuse('number_refused', 'phone');
  if (request.expect !== undefined && request.expect !== number.e164) return refuse('number_mismatch', 'phone');
  return undefined;
}

/** A request that was once accepted stays accepted when it is repeated, even if the rules have changed since. */
async function findReplay({ request, site, idempotencyKey }: Ask, { store, vault }: AdmissionContext): Promise<Admission | undefined> {
  const found = await store.findByKey(site.key, idempotencyKey);
  if (found === undefined) return undefined;
  if (found.fingerprint !== fingerprintOf(request, vault)) return refuse('key_reused', 'Idempotency-Key');
  return { kind: 'replayed', call: found.call, number: request.phone };
}

function limitsOf(numberKey: string, address: string | undefined, { vault, limits }: AdmissionContext): Limit[] {
  const bySource = sourcePrefixes(address).map(
    ({ prefix, factor }): Limit => ({
      scope: 'source',
      key: vault.keyOf('source', prefix),
      windows: limits.source.map(({ max, perMs }) => ({ max: max * factor, perMs })),
    }),
  );
  return [{ scope: 'number', key: numberKey, windows: limits.number }, ...bySource];
}

function refuse(code: ProblemCode, detail: string): Refusal {
  return { kind: 'problem', code, detail };
}
