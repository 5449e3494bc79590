/**
 * A lead is written from its call when it is sent: until then the number lies sealed in the store, and what became known in
 * between is told too.
 */
import type { CallDetails } from '../calls/accept-call.ts';
import { whoMissed } from '../calls/who-missed.ts';
import type { SiteConfig } from '../config/config.ts';
import type { Call } from '../store/call.ts';
import type { Message } from '../store/message.ts';
import type { Vault } from '../store/vault.ts';
import type { Lead, NamedSite } from './channel.ts';

export interface LeadSources {
  vault: Vault;
  sites: ReadonlyMap<string, SiteConfig>;
}

/** Whatever cannot be opened is left out: half a lead is worth more than none. */
export function composeLead(message: Pick<Message, 'id' | 'createdAt' | 'receipt'>, call: Call, { vault, sites }: LeadSources): Lead {
  const site = sites.get(call.site);
  const details = openDetails(call, vault);
  return {
    kind: 'lead',
    id: message.id,
    createdAt: message.createdAt,
    receipt: message.receipt,
    callId: call.id,
    site: nameSite(call.site, sites),
    state: call.state,
    reason: call.fault,
    missedBy: whoMissed(call),
    number: openSealed(call.sealedNumber, call.id, vault),
    country: call.country,
    name: details.name,
    department: call.department === undefined ? undefined : (site?.departments.get(call.department)?.name ?? call.department),
    page: details.page,
    consent: details.consent,
    locale: call.locale,
    requestedAt: call.acceptedAt,
    scheduledFor: call.scheduledFor,
    endedAt: call.endedAt,
  };
}

/** A site that is not configured any more still has its key. */
export function nameSite(key: string, sites: LeadSources['sites']): NamedSite {
  const site = sites.get(key);
  return { key, name: site?.name ?? key, timeZone: site?.timeZone ?? 'UTC' };
}

export function openDetails({ id, sealedDetails }: Call, vault: Vault): CallDetails {
  const text = sealedDetails === undefined ? undefined : openSealed(sealedDetails, id, vault);
  return text === undefined ? {} : (JSON.parse(text) as CallDetails);
}

/** Undefined for what was sealed with a secret that this relay does not have. */
export function openSealed(sealed: string, context: string, vault: Vault): string | undefined {
  try {
    return vault.open(sealed, context);
  } catch {
    return undefined;
  }
}
