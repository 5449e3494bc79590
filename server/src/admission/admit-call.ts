/**
 * May this request become a call? Cheapest first (docs/admission.md): nothing before the one transaction of the store writes
 * anything, and that takes key, limits, budget, proof and the call itself, or none of them. Whatever fails inside closes.
 */
import { acceptCall, type CallToAccept, fingerprintsOf } from '../calls/accept-call.ts';
import type { BridgedRequest } from '../calls/bridge.ts';
import type { Switches } from '../calls/call-rules.ts';
import type { Notice } from '../calls/calls.ts';
import type { Clock } from '../clock.ts';
import type { DepartmentConfig, SiteConfig } from '../config/config.ts';
import type { CallRequest } from '../contract/calls.ts';
import type { Challenge } from '../contract/challenge.ts';
import type { ProblemCode } from '../contract/problems.ts';
import type { Log } from '../log.ts';
import type { AcceptGuard, AcceptResult, ProofLevel, Teller } from '../store/acceptance.ts';
import type { Call } from '../store/call.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import { type CallTime, judgeTime } from './call-time.ts';
import { giveChallenge } from './give-challenge.ts';
import { keepableDetails } from './keepable-details.ts';
import { DESTINATION_DIGITS, type GuardFor } from './limits.ts';
import type { NumberReading, ReadNumber } from './number-policy.ts';
import type { Prover } from './proof.ts';
import { type Quota, quotaAfter, quotaSpent } from './quota.ts';
import { type Effort, weighProof } from './weigh-proof.ts';

export interface AdmissionContext {
  store: Store;
  vault: Vault;
  clock: Clock;
  log: Log;
  readNumber: ReadNumber;
  guardFor: GuardFor;
  proverOf: (site: SiteConfig) => Prover;
  switches: () => Switches;
  notify: (notice: Notice) => Promise<void>;
  /** Who tells what the acceptance of a call to a site has brought about; absent: nobody. */
  tellerOf?: ((site: string) => Teller) | undefined;
}

export interface Ask {
  request: CallRequest;
  site: SiteConfig;
  idempotencyKey: string;
  /** The client's address as the platform knows it; undefined is one strict bucket. */
  address: string | undefined;
  /** The way in cannot prove an effort, so its sources may ask for half as much. */
  strict?: boolean | undefined;
  /**
   * By which way it came, where that was no page of a visitor's: the operator's own command, or the form of a portal. Nobody is there
   * to prove an effort, and there is no source to count; every other rule holds.
   */
  via?: { kind: 'operator' } | ({ kind: 'portal' } & BridgedRequest) | undefined;
}

export type Admission =
  /** `number`: the relay's reading, formatted for display. `quota`: what the caller has left, of its own limits alone. */
  { kind: 'accepted' | 'replayed'; call: Call; number: string; quota?: Quota } | Refusal;

export interface Refusal {
  kind: 'problem';
  code: ProblemCode;
  /** What stands behind it. The log may tell, an answer may not. */
  scope?: 'paused' | 'site_paused' | Extract<AcceptResult, { scope: string }>['scope'];
  detail?: string;
  /** Epoch ms: when the limit in the way would let it pass. */
  retryAt?: number;
  /** With `closed`, epoch ms: when a call like this may be asked for. */
  opensAt?: number;
  quota?: Quota;
  /** With `proof_required`, where the way in can solve one. */
  challenge?: Challenge;
}

export async function admitCall(ask: Ask, context: AdmissionContext): Promise<Admission> {
  const { request, site, idempotencyKey } = ask;
  const number = context.readNumber(request.phone, request.country, site);
  const fault = findFault(ask, number, context);
  if (fault !== undefined || number.kind === 'invalid') {
    return (await findReplay(ask, number, context)) ?? fault ?? refuse('number_invalid', 'phone');
  }
  const numberKeys = context.vault.keysOf('number', number.e164);
  const department = departmentOf(ask);
  const time = judgeTime({ site, department, at: request.at, country: number.country ?? site.country }, context.clock.now());
  const standing: Standing = { ask, number, numberKeys, time };
  const settled = await settleBeforehand(standing, context);
  if (settled !== undefined) return settled;
  if (number.kind === 'refused') return refuse('number_refused', 'phone');
  if (!isTimely(time)) return refuseTime(time);

  const effort = await weighProof(request.proof, site, ask.address, context.proverOf);
  if (effort.kind === 'failed' || effort.kind === 'unknown') {
    // A copy sent at the same time may have been accepted while this one's proof, which is good for one look, was looked at again.
    const copy = await findReplay(ask, number, context);
    if (copy !== undefined) return copy;
    return effort.kind === 'failed' ? askForProof(ask, 1, context) : refuse('unavailable');
  }

  const { e164, country } = number;
  const guard = guardOf({ ask, e164, numberKeys, effort, time }, context);
  const details = { ...keepableDetails(request, site), bridge: ask.via?.kind === 'portal' ? bridgedBy(ask.via) : undefined };
  const when = time.kind === 'slot' ? { slotAt: time.at } : { dialBefore: time.dialBefore };
  const result = await acceptCall({ request, idempotencyKey, e164, numberKeys, country, details, ...when, guard }, context);
  return answer({ ask, result, guard, display: number.display }, context);
}

interface Standing {
  ask: Ask;
  number: Exclude<NumberReading, { kind: 'invalid' }>;
  numberKeys: CallToAccept['numberKeys'];
  time: CallTime;
}

/**
 * What is answered before the transaction, where time and proof would otherwise speak first. A repeat is looked for, which need not
 * bring its proof again, or brings it spent. And a number that opted out is refused here as the policy's are: at the same place, after
 * the same look into the store, so that nobody can tell one from the other.
 */
async function settleBeforehand({ ask, number, numberKeys, time }: Standing, context: AdmissionContext): Promise<Admission | undefined> {
  // The transaction is this one's first look into the store, and begins with the same questions.
  if (number.kind === 'number' && isTimely(time) && ask.request.proof === undefined) return undefined;
  const [replay, isOptedOut] = await Promise.all([findReplay(ask, number, context), context.store.isOptedOut(numberKeys)]);
  if (replay !== undefined) return replay;
  return number.kind === 'refused' || isOptedOut ? refuse('number_refused', 'phone') : undefined;
}

function isTimely(time: CallTime): time is Extract<CallTime, { kind: 'now' | 'slot' }> {
  return time.kind === 'now' || time.kind === 'slot';
}

function bridgedBy({ account, crm }: BridgedRequest): BridgedRequest {
  return { account, crm };
}

function departmentOf({ request, site }: Ask): DepartmentConfig | undefined {
  return request.department === undefined ? undefined : site.departments.get(request.department);
}

/** Everything that is wrong with a request whatever becomes of its number: said without a look at whether that may be called. */
function findFault(ask: Ask, number: NumberReading, { switches }: AdmissionContext): Refusal | undefined {
  const { request, site, via } = ask;
  const { paused, pausedSites } = switches();
  if (paused || pausedSites.has(site.key)) return { ...refuse('unavailable'), scope: paused ? 'paused' : 'site_paused' };
  if (request.department !== undefined && departmentOf(ask) === undefined) return refuse('invalid_request', 'department');
  // What a visitor agrees to stands on the site's form, and nobody filled that in.
  if (via === undefined && site.consent !== undefined && request.consent?.textId !== site.consent.textId)
    return refuse('consent_required', 'consent');
  if (number.kind === 'invalid') return refuse('number_invalid', 'phone');
  if (request.expect !== undefined && request.expect !== number.e164) return refuse('number_mismatch', 'phone');
  return undefined;
}

function refuseTime(time: Extract<CallTime, { kind: 'closed' | 'slot_unavailable' }>): Refusal {
  if (time.kind === 'slot_unavailable') return refuse('slot_unavailable', 'at');
  const refusal = refuse('closed', time.isNightThere ? 'phone' : undefined);
  const opensAt = time.opensAt();
  return opensAt === undefined ? refusal : { ...refusal, opensAt };
}

/** A request that was once accepted stays accepted when it is repeated, even if the rules have changed since. */
async function findReplay(
  { request, site, idempotencyKey }: Ask,
  number: NumberReading,
  { store, vault }: AdmissionContext,
): Promise<Admission | undefined> {
  const found = await store.findByKey(site.key, idempotencyKey);
  if (found === undefined) return undefined;
  if (!fingerprintsOf(request, vault).includes(found.fingerprint)) return refuse('key_reused', 'Idempotency-Key');
  // Only another release reads what was accepted as no number.
  return { kind: 'replayed', call: found.call, number: number.kind === 'invalid' ? request.phone : number.display };
}

interface Guarded {
  ask: Ask;
  e164: string;
  numberKeys: CallToAccept['numberKeys'];
  effort: Effort;
  time: CallTime;
}

function guardOf({ ask, e164, numberKeys, effort, time }: Guarded, { guardFor, tellerOf, vault, clock }: AdmissionContext): AcceptGuard {
  const { site, address, strict = false, via } = ask;
  const slot = time.kind === 'slot' ? time : undefined;
  const limited = guardFor({
    site,
    numberKeys,
    destination: e164.slice(1, 1 + DESTINATION_DIGITS),
    address,
    sourceless: via !== undefined,
    now: clock.now(),
    slot,
    strict,
    proofs: via !== undefined ? 'never' : effort.kind === 'unverifiable' ? 'unverifiable' : site.proof.mode === 'off' ? 'never' : 'asked',
  });
  const guard: AcceptGuard = { ...limited, teller: tellerOf?.(site.key) };
  if (effort.kind !== 'proved') return guard;
  const { nonce, expiresAt, level } = effort;
  const [nonceKey, ...alsoNonceKeys] = vault.keysOf('proof', nonce);
  return { ...guard, proof: { nonceKey, alsoNonceKeys, expiresAt, level } };
}

interface Decision {
  ask: Ask;
  result: AcceptResult;
  guard: AcceptGuard;
  display: string;
}

async function answer({ ask, result, guard, display }: Decision, context: AdmissionContext): Promise<Admission> {
  switch (result.kind) {
    case 'accepted':
      return { kind: 'accepted', call: result.call, number: display, quota: quotaAfter(guard, result.room) };
    case 'replayed':
      return { kind: 'replayed', call: result.call, number: display };
    case 'key_reused':
      return refuse('key_reused', 'Idempotency-Key');
    case 'opted_out':
      return refuse('number_refused', 'phone');
    case 'limited': {
      const { scope, retryAt } = result;
      // What all sites together may do is nobody's own fault, and nobody's to watch.
      if (scope === 'deployment') return { kind: 'problem', code: 'unavailable', scope, retryAt };
      const quota = quotaSpent(guard, scope, retryAt);
      return { kind: 'problem', code: 'rate_limited', scope, retryAt, ...(quota !== undefined && { quota }) };
    }
    case 'proof_wanted':
      return askForProof(ask, result.level, context);
    case 'proof_used':
      return askForProof(ask, guard.proof?.level ?? 1, context);
    case 'slot_taken':
      return refuse('slot_unavailable', 'at');
    case 'over_budget':
      // That of the slot's day: another day may have room.
      if (ask.request.at !== undefined) return { ...refuse('slot_unavailable', 'at'), scope: result.scope };
      return { kind: 'problem', code: 'unavailable', scope: result.scope, retryAt: result.retryAt };
  }
}

async function askForProof(ask: Ask, level: ProofLevel, context: AdmissionContext): Promise<Refusal> {
  // Nobody there could solve one, so none is made, and none is missed.
  if (ask.strict) return refuse('proof_required', 'proof');
  const given = await giveChallenge(ask, level, context);
  if (given.kind === 'later') return { kind: 'problem', code: 'rate_limited', retryAt: given.retryAt };
  return { kind: 'problem', code: 'proof_required', detail: 'proof', challenge: given.challenge };
}

function refuse(code: ProblemCode, detail?: string): Refusal {
  return { kind: 'problem', code, ...(detail !== undefined && { detail }) };
}
