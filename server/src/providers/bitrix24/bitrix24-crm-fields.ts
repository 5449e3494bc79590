/** What an entry in the CRM holds. The portal passes over names that it does not know without a word, so these are spelt as documented. */
import type { Lead } from '../../follow-ups/channel.ts';
import { type Language, LETTER_TEXTS } from '../../follow-ups/letter-texts.ts';
import { renderLead } from '../../follow-ups/render-letter.ts';

export interface FieldSources {
  lead: Lead;
  sourceId: string | undefined;
  responsibleId: number | undefined;
  language: Language;
}

type Fields = Readonly<Record<string, unknown>>;

export function leadFields(sources: FieldSources): Fields {
  return { ...titled(sources), ...person(sources), ...campaign(sources.lead) };
}

export function contactFields(sources: FieldSources): Fields {
  return { ...source(sources), ...person(sources) };
}

export function dealFields(sources: FieldSources, contactId: number | undefined): Fields {
  return { ...titled(sources), ...campaign(sources.lead), ...(contactId !== undefined && { contactId }) };
}

/**
 * Brackets mean something in tasks and comments: BB codes and tags. A visitor's page may hold both.
 */
export function plainForCrm(text: string): string {
  return text.replaceAll('[', '(').replaceAll(']', ')').replaceAll('<', '‹').replaceAll('>', '›');
}

function titled(sources: FieldSources): Fields {
  const { lead, language } = sources;
  return {
    title: plainForCrm(LETTER_TEXTS[language].subjectOfLead(lead.site.name)),
    comments: plainForCrm(renderLead(lead, language)).replaceAll('\n', '<br>'),
    ...source(sources),
  };
}

function source({ lead, sourceId, responsibleId }: FieldSources): Fields {
  return {
    ...(sourceId !== undefined && { sourceId }),
    sourceDescription: plainForCrm(lead.page?.url ?? lead.site.name),
    ...(responsibleId !== undefined && { assignedById: responsibleId }),
  };
}

function person({ lead, language }: FieldSources): Fields {
  return {
    name: plainForCrm(lead.name ?? LETTER_TEXTS[language].visitor),
    ...(lead.number !== undefined && { fm: [{ typeId: 'PHONE', valueType: 'WORK', value: lead.number }] }),
  };
}

function campaign({ page }: Lead): Fields {
  const { source, medium, campaign, content, term } = page?.utm ?? {};
  const named = { utmSource: source, utmMedium: medium, utmCampaign: campaign, utmContent: content, utmTerm: term };
  return Object.fromEntries(Object.entries(named).flatMap(([key, value]) => (value ? [[key, plainForCrm(value)]] : [])));
}
