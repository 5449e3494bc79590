/** The one write that makes a request a call: everything in a single transaction of the store, or nothing. */
import { v7 as uuidv7 } from 'uuid';
import type { CallRequest } from '../contract/calls.ts';
import type { AcceptResult, Limit, Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { DIAL_WITHIN_MS, LEASE_MS } from './life-of-a-call.ts';

export interface CallToAccept {
  request: CallRequest;
  idempotencyKey: string;
  e164: string;
  country: string;
  limits: readonly Limit[];
}

export function acceptCall(asked: CallToAccept, { store, vault }: { store: Store; vault: Vault }): Promise<AcceptResult> {
  const { request, e164 } = asked;
  // Ordered by time, so that a million stored calls do not slow the next one down.
  const id = uuidv7();
  const { name, page, consent } = request;
  const hasDetails = name !== undefined || page !== undefined || consent !== undefined;
  return store.accept(
    {
      id,
      site: request.site,
      idempotencyKey: asked.idempotencyKey,
      fingerprint: fingerprintOf(request, vault),
      numberKey: vault.keyOf('number', e164),
      sealedNumber: vault.seal(e164, id),
      sealedDetails: hasDetails ? vault.seal(JSON.stringify({ name, page, consent }), id) : undefined,
      country: asked.country,
      locale: request.locale,
      dialWithinMs: DIAL_WITHIN_MS,
      holdMs: LEASE_MS,
    },
    asked.limits,
  );
}

/** Keyed hash of what was asked. The proof is left out: the same request may come again with one. Fields stand in the schema's order. */
export function fingerprintOf({ proof: _, ...asked }: CallRequest, vault: Vault): string {
  return vault.keyOf('request', JSON.stringify(asked));
}
