/** The one write that makes a request a call: everything in a single transaction of the store, or nothing. */
import type { Clock } from '../clock.ts';
import type { CallRequest } from '../contract/calls.ts';
import type { AcceptGuard, AcceptResult } from '../store/acceptance.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { BridgedRequest } from './bridge.ts';
import { DIAL_WITHIN_MS, LEASE_MS } from './life-of-a-call.ts';

export interface CallToAccept {
  request: CallRequest;
  idempotencyKey: string;
  e164: string;
  /** Keyed hashes of the number under every secret, newest first. */
  numberKeys: readonly [string, ...string[]];
  country: string;
  /** What is kept of the visitor's own words; the request's raw ones are kept nowhere. */
  details: CallDetails;
  /** The slot that was chosen; undefined for as soon as possible. */
  slotAt?: number | undefined;
  /** Nothing is dialled from then on, epoch ms; absent: the usual time after acceptance, or after the slot. */
  dialBefore?: number | undefined;
  guard: AcceptGuard;
}

/** A call at a slot is started within this time of its beginning, or not at all. */
export const SLOT_DIAL_WITHIN_MS = 300_000;
/**
 * Over so much of that time the calls of one slot are spread: a full hour does not burst, and those that find the site busy have
 * three minutes left to wait for their turn.
 */
const SLOT_SPREAD_MS = 120_000;

/** Sealed with the call. `name` has been cleaned; `consent` names the version of the text that was agreed to. */
export type CallDetails = Pick<CallRequest, 'name' | 'page' | 'consent'> & {
  /** Of a request that came by a portal's own form. */
  bridge?: BridgedRequest | undefined;
};

export function acceptCall(
  asked: CallToAccept,
  { store, vault, clock }: { store: Store; vault: Vault; clock: Clock },
): Promise<AcceptResult> {
  const { request, e164, slotAt } = asked;
  const [numberKey, ...formerNumberKeys] = asked.numberKeys;
  const [fingerprint, ...formerFingerprints] = fingerprintsOf(request, vault);
  const id = callId(clock.now());
  const { name, page, consent, bridge } = asked.details;
  const hasDetails = [name, page, consent, bridge].some((detail) => detail !== undefined);
  return store.accept(
    {
      id,
      site: request.site,
      idempotencyKey: asked.idempotencyKey,
      fingerprint,
      formerFingerprints,
      numberKey,
      formerNumberKeys,
      sealedNumber: vault.seal(e164, id),
      sealedDetails: hasDetails ? vault.seal(JSON.stringify({ name, page, consent, bridge }), id) : undefined,
      country: asked.country,
      locale: readableLocale(request.locale),
      department: request.department,
      scheduledFor: slotAt,
      dialWithinMs: slotAt === undefined ? DIAL_WITHIN_MS : SLOT_DIAL_WITHIN_MS,
      dialBefore: asked.dialBefore,
      dialAfterMs: slotAt === undefined ? undefined : Math.floor(shareOf(numberKey) * SLOT_SPREAD_MS),
      holdMs: LEASE_MS,
    },
    asked.guard,
  );
}

/** In [0, 1), from the characters of a keyed hash: evenly spread, and nobody outside can choose it. */
function shareOf(key: string): number {
  let sum = 0;
  for (const character of key) sum = (sum * 31 + character.charCodeAt(0)) % 65_521;
  return sum / 65_521;
}

/** Language, script and region of BCP 47. It stands unsealed, so that nothing else may hide in it, such as a telephone number. */
const LOCALE = /^[a-z]{2,3}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?$/i;

function readableLocale(locale: string | undefined): string | undefined {
  return locale !== undefined && LOCALE.test(locale) ? locale : undefined;
}

/** A UUID of version 7 (RFC 9562): ordered by time, so that a million stored calls do not slow the next one down. */
function callId(now: number): string {
  const time = now.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
}

/**
 * Keyed hashes of what was asked, newest secret first. The same request may come again with a proof, and its form pressed a second
 * time: the proof and the moment of consent are left out. Fields stand in the schema's order.
 */
export function fingerprintsOf({ proof: _, consent, ...asked }: CallRequest, vault: Vault): readonly [string, ...string[]] {
  return vault.keysOf('request', JSON.stringify({ ...asked, consent: consent?.textId }));
}
