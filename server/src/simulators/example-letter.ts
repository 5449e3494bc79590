/** A lead and a notice as they are handed to a channel, for tests. */
import type { Lead, RelayNotice } from '../follow-ups/channel.ts';

const SITE = { key: 'default', name: 'Oak & Ash', timeZone: 'Europe/Berlin' };
const AT = Date.UTC(2026, 0, 5, 9);

export function exampleLead(changes: Partial<Lead> = {}): Lead {
  const callId = changes.callId ?? 'call_0123456789abcdef';
  return {
    kind: 'lead',
    id: `${callId}.channel`,
    createdAt: AT + 60_000,
    receipt: undefined,
    callId,
    site: SITE,
    state: 'missed',
    reason: undefined,
    missedBy: 'agent',
    number: '+4915123456789',
    country: 'DE',
    name: 'Erika Mustermann',
    department: 'Sales',
    page: { url: 'https://shop.example/chairs', title: 'Chairs', utm: { source: 'news', medium: 'mail', campaign: 'spring' } },
    consent: undefined,
    locale: 'de',
    requestedAt: AT,
    scheduledFor: undefined,
    endedAt: AT + 60_000,
    ...changes,
  };
}

export function exampleNotice(changes: Partial<RelayNotice> = {}): RelayNotice {
  return {
    kind: 'notice',
    id: '0b8a3c4e-0000-4000-8000-000000000001',
    createdAt: AT,
    receipt: undefined,
    topic: 'provider:main:line_unknown',
    site: SITE,
    text: 'The portal has no such line.',
    ...changes,
  };
}
