/**
 * A request from the callback form of a portal: the same admission, life and promises as one from a page. The portal delivers it once
 * and waits for nobody, and the visitor has been told already that a call will come. So a request that becomes no call is told of.
 */
import { type PortalRequest, siteOfLine } from '../calls/bridge.ts';
import { tokenBucket } from '../calls/token-bucket.ts';
import type { SiteConfig } from '../config/config.ts';
import type { ProblemCode } from '../contract/problems.ts';
import type { Call } from '../store/call.ts';
import { type Admission, type AdmissionContext, admitCall, type Refusal } from './admit-call.ts';

/** What was typed into a portal's form may be of any length; no number has more. */
const MAX_PHONE_CHARS = 32;

/**
 * A request is called only while its own time is this near, by either clock. Whoever asked a while ago waits for nobody any more, and a
 * copy of an old delivery rings nobody: whatever is known of it by then, its time has passed.
 */
const FRESH_MS = 600_000;
/** So a delivery that was refused stays refused for as long as it could still pass for a new one. */
const REFUSED_FOR_MS = 2 * FRESH_MS;
/** One that is stale never is new again; it is told of once a day at most. */
const STALE_FOR_MS = 86_400_000;

/** So many entries are told of one by one; past that the form is flooded, and they are gathered. */
const NOTICES = { perSecond: 20 / 3_600, burst: 20 };

/** True where there is a call to be dialled. Throws `StoreUnavailable` where nothing could be kept. */
export type AdmitPortalRequest = (account: string, asked: PortalRequest) => Promise<boolean>;

interface PortalContext extends AdmissionContext {
  sites: ReadonlyMap<string, SiteConfig>;
}

interface Delivered {
  account: string;
  asked: PortalRequest;
  /** The delivery's own name, under every secret, newest first: what it is made from holds the number. */
  hashes: readonly [string, ...string[]];
}

export function portalAdmission(context: PortalContext): AdmitPortalRequest {
  const { store, vault, clock, log, sites } = context;
  const notices = tokenBucket(NOTICES);
  const mayNameEntry = () => notices.take(clock.now()) === undefined;

  return async (account, asked) => {
    const hashes = vault.keysOf('portal_request', `${account}\0${asked.key}`);
    if (await store.isUsedUp(hashes)) return false;
    const delivered = { account, asked, hashes };
    const site = siteOfLine(account, asked.line, sites);
    const admission = await admit(delivered, site, context);
    if ('reason' in admission) {
      // Told first: whoever dies in between is rather told of twice than of nobody.
      await tellOfRefusal({ account, site, crm: asked.crm, mayNameEntry, ...admission }, context);
      await store.useUp(hashes[0], clock.now() + (admission.reason === 'stale' ? STALE_FOR_MS : REFUSED_FOR_MS));
      return false;
    }
    const { kind, call } = admission;
    log({ level: 'info', event: `request.${kind}`, callId: call.id, site: call.site, country: call.country, portal: account });
    return true;
  };
}

interface Turned {
  reason: ProblemCode | 'no_site' | 'stale' | 'rate_limited_site';
  /** Whoever asks too often for one number has been called, or is told of already. */
  isRepeat?: boolean;
}

async function admit(delivered: Delivered, site: SiteConfig | undefined, context: PortalContext): Promise<Taken | Turned> {
  const { account, asked, hashes } = delivered;
  if (site === undefined) return { reason: 'no_site' };
  const { known, key } = await findCall(hashes, site, context);
  if (!isFresh(asked, context.clock.now())) return known === undefined ? { reason: 'stale' } : { kind: 'replayed', call: known };
  const admission = await admitCall(
    {
      request: { site: site.key, phone: asked.phone.trim().slice(0, MAX_PHONE_CHARS + 1) },
      site,
      idempotencyKey: key,
      address: undefined,
      via: { kind: 'portal', account, crm: asked.crm },
    },
    context,
  );
  return admission.kind === 'problem' ? turn(admission) : admission;
}

type Taken = Pick<Exclude<Admission, Refusal>, 'kind' | 'call'>;

function turn({ code, scope }: Refusal): Turned {
  if (code !== 'rate_limited') return { reason: code };
  return scope === 'number' || scope === 'number_active' ? { reason: code, isRepeat: true } : { reason: 'rate_limited_site' };
}

function isFresh({ askedAt }: PortalRequest, now: number): boolean {
  return askedAt !== undefined && Math.abs(now - askedAt) <= FRESH_MS;
}

/** The same request is the same call, however often it is delivered; after the secret was changed, it is found under the former one. */
async function findCall(
  hashes: Delivered['hashes'],
  site: SiteConfig,
  { store }: AdmissionContext,
): Promise<{ known?: Call; key: string }> {
  for (const key of hashes.map(toUuid)) {
    const known = (await store.findByKey(site.key, key))?.call;
    if (known !== undefined) return { known, key };
  }
  return { key: toUuid(hashes[0]) };
}

/** A UUID (RFC 9562, version 8) from 16 bytes in base64url. */
function toUuid(hash: string): string {
  const bytes = atob(hash.replaceAll('-', '+').replaceAll('_', '/'));
  const hex = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

interface Refused extends Turned {
  account: string;
  site: SiteConfig | undefined;
  crm: PortalRequest['crm'];
  mayNameEntry: () => boolean;
}

/**
 * A notice names the entry that the portal's form has made, where it made one: by it somebody can call back by hand. Each is named
 * somewhere, but for repeats. Where no site takes any request, the first already is one of many.
 */
async function tellOfRefusal(refused: Refused, { log, notify }: AdmissionContext): Promise<void> {
  const { account, site, reason, isRepeat = false, crm, mayNameEntry } = refused;
  const entry = readEntry(crm);
  const at = site && { site: site.key };
  if (reason === 'no_site') log({ level: 'error', event: 'bridge.no_site', portal: account, entry, message: NO_SITE });
  else log({ level: 'warn', event: 'bridge.refused', ...at, portal: account, code: reason, entry });

  const topic = `bridge:${account}:${reason}`;
  if (isRepeat || (entry !== undefined && reason !== 'no_site' && mayNameEntry())) {
    const named = entry === undefined ? '' : ` It stands in the CRM as ${entry}.`;
    const text = `A request from the form of the portal ${account} was not called (${reason}).${named} Call by hand if somebody waits.`;
    await notify({ topic: isRepeat ? topic : `${topic}:${entry}`, ...at, text });
    return;
  }
  const why = reason === 'no_site' ? ` ${NO_SITE}` : '';
  const text = `Requests from the form of the portal ${account} were not called (${reason}).${why} Call by hand whoever waits. In the CRM:`;
  await notify({ topic, ...at, text, item: entry ?? 'one without an entry' });
}

const NO_SITE =
  'They ask for calls by a line that no site names as `bridge.externalLine`, or by the application itself, and no site takes those.';

/** `LEAD 12`; what is no plain reference is not repeated. */
function readEntry(crm: PortalRequest['crm']): string | undefined {
  if (crm === undefined || !/^[A-Z_]{1,20}$/.test(crm.type) || !/^\d{1,15}$/.test(crm.id)) return undefined;
  return `${crm.type} ${crm.id}`;
}
