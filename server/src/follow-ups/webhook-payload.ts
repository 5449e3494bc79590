/** What a webhook carries. Fields are only ever added under one version; `null` never stands for what is not known, absence does. */
import type { Lead, Letter, RelayNotice } from './channel.ts';

export const PAYLOAD_VERSION = 1;

export interface WebhookPayload {
  version: typeof PAYLOAD_VERSION;
  type: 'call.not_connected' | 'relay.notice';
  /** When the relay decided to tell it; RFC 3339, like every time below. */
  timestamp: string;
  data: LeadData | NoticeData;
}

interface LeadData {
  callId: string;
  site: { key: string; name: string };
  state: Lead['state'];
  reason?: string;
  missedBy?: 'agent' | 'visitor';
  /** E.164. */
  number?: string;
  country: string;
  name?: string;
  department?: string;
  page?: NonNullable<Lead['page']>;
  /** `textId`: the version of the site's text; `givenAt`: when, by the browser's clock. */
  consent?: { textId: string; givenAt: string };
  locale?: string;
  requestedAt: string;
  scheduledFor?: string;
  endedAt?: string;
}

interface NoticeData {
  topic: string;
  site?: { key: string; name: string };
  text: string;
}

export function webhookPayload(letter: Letter): WebhookPayload {
  return {
    version: PAYLOAD_VERSION,
    type: letter.kind === 'lead' ? 'call.not_connected' : 'relay.notice',
    timestamp: instant(letter.createdAt),
    data: letter.kind === 'lead' ? leadData(letter) : noticeData(letter),
  };
}

function leadData(lead: Lead): LeadData {
  const { reason, missedBy, number, name, department, page, consent, locale, scheduledFor, endedAt } = lead;
  return {
    callId: lead.callId,
    site: { key: lead.site.key, name: lead.site.name },
    state: lead.state,
    ...(reason !== undefined && { reason }),
    ...(missedBy !== undefined && { missedBy }),
    ...(number !== undefined && { number }),
    country: lead.country,
    ...(name !== undefined && { name }),
    ...(department !== undefined && { department }),
    ...(page !== undefined && { page }),
    ...(consent !== undefined && { consent: { textId: consent.textId, givenAt: instant(Date.parse(consent.givenAt)) } }),
    ...(locale !== undefined && { locale }),
    requestedAt: instant(lead.requestedAt),
    ...(scheduledFor !== undefined && { scheduledFor: instant(scheduledFor) }),
    ...(endedAt !== undefined && { endedAt: instant(endedAt) }),
  };
}

function noticeData({ topic, site, text }: RelayNotice): NoticeData {
  return { topic, ...(site !== undefined && { site: { key: site.key, name: site.name } }), text };
}

function instant(at: number): string {
  return new Date(at).toISOString();
}
