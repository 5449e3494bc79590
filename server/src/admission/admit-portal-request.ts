/**
 * A request from the callback form of a portal: the same admission, life and promises as one from a page. The portal delivers it once
 * and waits for nobody, and the visitor has been told already that a call will come. So a request that becomes no call is told of.
 */
import { type PortalRequest, siteOfLine } from '../calls/bridge.ts';
import { tokenBucket } from '../calls/token-bucket.ts';
import type { SiteConfig } from '../config/config.ts';
import type { ProblemCode } from '../contract/problems.ts';
import { type Admission, type AdmissionContext, admitCall } from './admit-call.ts';

/** What was typed into a portal's form may be of any length; no number has more. */
const MAX_PHONE_CHARS = 32;

/** So many entries are told of one by one; past that the form is flooded, and one notice for all of them comes once in a while. */
const NOTICES = { perSecond: 20 / 3_600, burst: 20 };

/** True where there is a call to be dialled. Throws `StoreUnavailable` where nothing could be kept. */
export type AdmitPortalRequest = (account: string, asked: PortalRequest) => Promise<boolean>;

interface PortalContext extends AdmissionContext {
  sites: ReadonlyMap<string, SiteConfig>;
}

export function portalAdmission(context: PortalContext): AdmitPortalRequest {
  const notices = tokenBucket(NOTICES);
  const mayNameEntry = () => notices.take(context.clock.now()) === undefined;

  return async (account, asked) => {
    const site = siteOfLine(account, asked.line, context.sites);
    if (site === undefined) {
      await tellOfStray(account, asked, context);
      return false;
    }
    const admission = await admit(account, asked, site, context);
    if (admission.kind === 'problem') {
      const { code } = admission;
      await tellOfRefusal({ account, site, code, crm: asked.crm, mayNameEntry }, context);
      return false;
    }
    const { kind, call } = admission;
    context.log({ level: 'info', event: `request.${kind}`, callId: call.id, site: site.key, country: call.country, portal: account });
    return true;
  };
}

async function admit(account: string, asked: PortalRequest, site: SiteConfig, context: PortalContext): Promise<Admission> {
  return admitCall(
    {
      request: { site: site.key, phone: asked.phone.trim().slice(0, MAX_PHONE_CHARS + 1) },
      site,
      idempotencyKey: await keyOf(account, asked, site, context),
      address: undefined,
      via: { kind: 'portal', account, crm: asked.crm },
    },
    context,
  );
}

/**
 * A UUID (RFC 9562, version 8) from the delivery's own key: the same request is the same call, however often it is delivered. Keyed, as
 * what it is made from holds the number; after the secret was changed, a call that came before it is found under the former one.
 */
async function keyOf(account: string, { key }: PortalRequest, site: SiteConfig, { vault, store }: AdmissionContext): Promise<string> {
  const [newest, ...former] = vault.keysOf('portal_request', `${account}\0${key}`).map(toUuid);
  for (const id of former) if ((await store.findByKey(site.key, id)) !== undefined) return id;
  return newest ?? '';
}

/** From 16 bytes in base64url. */
function toUuid(hash: string): string {
  const bytes = atob(hash.replaceAll('-', '+').replaceAll('_', '/'));
  const hex = Array.from(bytes, (byte) => byte.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function tellOfStray(account: string, { line, crm }: PortalRequest, { log, notify }: AdmissionContext): Promise<void> {
  const which = line === undefined ? 'the application itself' : 'a line that no site names as `bridge.externalLine`';
  const message = `The form of the portal ${account} asked for a call by ${which}, and no site takes it. Nobody was called.${nameEntry(crm)}`;
  log({ level: 'error', event: 'bridge.no_site', portal: account, message });
  await notify({ topic: `bridge:${account}:no_site`, text: message });
}

interface Refused {
  account: string;
  site: SiteConfig;
  code: ProblemCode;
  crm: PortalRequest['crm'];
  mayNameEntry: () => boolean;
}

/** A notice names the entry that the portal's form has made, where it made one: by it somebody can call back by hand. */
async function tellOfRefusal({ account, site, code, crm, mayNameEntry }: Refused, { log, notify }: AdmissionContext): Promise<void> {
  const entry = readEntry(crm);
  log({ level: 'warn', event: 'bridge.refused', site: site.key, portal: account, code, entry });
  const text = `A request from the form of the portal ${account} was not called (${code}).${nameEntry(crm)} Call by hand if somebody waits.`;
  // Whoever asks too often has been called, or is told of already.
  const standsAlone = entry !== undefined && code !== 'rate_limited' && mayNameEntry();
  await notify({ topic: `bridge:${account}:${code}${standsAlone ? `:${entry}` : ''}`, site: site.key, text });
}

function nameEntry(crm: PortalRequest['crm']): string {
  const entry = readEntry(crm);
  return entry === undefined ? '' : ` It stands in the CRM as ${entry}.`;
}

/** `LEAD 12`; what is no plain reference is not repeated. */
function readEntry(crm: PortalRequest['crm']): string | undefined {
  if (crm === undefined || !/^[A-Z_]{1,20}$/.test(crm.type) || !/^\d{1,15}$/.test(crm.id)) return undefined;
  return `${crm.type} ${crm.id}`;
}
