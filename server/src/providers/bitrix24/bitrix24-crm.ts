/**
 * Leads in the portal's CRM: a task on whoever has the number already, else a new lead (in the simple mode of the CRM, which has no
 * leads, a contact with a deal) with a task. The portal takes no idempotency key, so everything that is made carries the call's id
 * and is looked for before it is made.
 * https://apidocs.bitrix24.com/api-reference/crm/index.html
 */
import type { Clock } from '../../clock.ts';
import type { Channel, Delivery, Lead, RelayNotice } from '../../follow-ups/channel.ts';
import { type Language, LETTER_TEXTS } from '../../follow-ups/letter-texts.ts';
import { renderLead, renderLetter } from '../../follow-ups/render-letter.ts';
import { type Bitrix24Client, SETTLED_AFTER_MS } from './bitrix24-client.ts';
import { type Asked, type CrmDesk, type CrmItem, type CrmKind, type CrmRef, crmDesk } from './bitrix24-crm-desk.ts';
import { contactFields, dealFields, leadFields, plainForCrm } from './bitrix24-crm-fields.ts';
import { verifyCrm } from './bitrix24-crm-setup.ts';

export interface Bitrix24CrmOptions {
  name: string;
  /** Asks the portal; needs the scope `crm`, and `im` for notices. */
  portal: Bitrix24Client;
  /** Portal user who gets leads and tasks; undefined: who is responsible for the customer, else whose rights the account has. */
  responsibleId: number | undefined;
  language: Language;
  clock: Clock;
}

/** Somebody should call while the visitor still remembers having asked. */
const CALL_WITHIN_MS = 30 * 60_000;
/** The subject of a task is matched by it; the whole id stands in the description. */
const REFERENCE_LENGTH = 8;

export function bitrix24Crm({ name, portal, responsibleId, language, clock }: Bitrix24CrmOptions): Channel {
  const desk = crmDesk(portal);

  async function deliverLead(lead: Lead): Promise<Delivery> {
    const owner = await findOrMakeOwner(lead, { desk, responsibleId, language });
    if (!owner.ok) return again(owner);
    const receipt = writeRef(owner.value);
    const task = await makeTaskOnce(lead, owner.value);
    return task.ok ? { kind: 'delivered', receipt } : { ...again(task), receipt };
  }

  /** The next attempt begins with looking for what this one has made. */
  function again({ fault, isUnclear }: Asked<never> & { ok: false }): Delivery & { kind: 'again' } {
    return { kind: 'again', fault, retryAt: isUnclear ? clock.now() + SETTLED_AFTER_MS : undefined };
  }

  async function makeTaskOnce(lead: Lead, owner: CrmItem): Promise<Asked<unknown>> {
    const title = LETTER_TEXTS[language].taskOfLead(lead.callId.slice(-REFERENCE_LENGTH));
    const known = await desk.hasTask(owner, title);
    if (!known.ok || known.value) return known;
    const description = plainForCrm(renderLead(lead, language));
    return desk.addTask(owner, {
      title,
      description,
      deadline: clock.now() + CALL_WITHIN_MS,
      responsibleId: responsibleId ?? owner.assignedById,
    });
  }

  async function deliverNotice(notice: RelayNotice): Promise<Delivery> {
    const { subject, text } = renderLetter(notice, language);
    const told = await desk.tellUser(responsibleId, plainForCrm(`${subject}\n${text.trimEnd()}`));
    if (told.ok) return { kind: 'delivered' };
    // A right that was never asked for is no reason to try for two days.
    return { kind: told.fault.code === 'im_scope_missing' ? 'hopeless' : 'again', fault: told.fault };
  }

  return {
    name,
    deliver: (letter) => (letter.kind === 'lead' ? deliverLead(letter) : deliverNotice(letter)),
    verify: () => verifyCrm(portal, desk),
  };
}

interface Surroundings {
  desk: CrmDesk;
  responsibleId: number | undefined;
  language: Language;
}

/** Whom the task is about. */
async function findOrMakeOwner(lead: Lead, around: Surroundings): Promise<Asked<CrmItem>> {
  const { desk } = around;
  const before = readRef(lead.receipt);
  if (before !== undefined) return { ok: true, value: { ...before, assignedById: undefined, originId: undefined } };

  const known = lead.number === undefined ? NOTHING : await desk.findByPhone(lead.number);
  if (!known.ok) return known;
  const item = known.value === undefined ? NOTHING : await desk.readItem(known.value);
  if (!item.ok) return item;
  // A contact of this very call was made by an attempt that did not come to its deal.
  const isHalfMade = item.value?.kind === 'contact' && item.value.originId === lead.callId;
  if (item.value !== undefined && !isHalfMade) return { ok: true, value: item.value };

  const mode = await desk.readMode();
  if (!mode.ok) return mode;
  const sourceId = await desk.findSource();
  if (!sourceId.ok) return sourceId;
  const common = { lead, sourceId: sourceId.value, responsibleId: around.responsibleId, language: around.language };
  if (mode.value === 'classic') return makeOnce(desk, 'lead', lead, leadFields(common));

  const contact = isHalfMade ? item : await makeOnce(desk, 'contact', lead, contactFields(common));
  if (!contact.ok) return contact;
  return makeOnce(desk, 'deal', lead, dealFields(common, contact.value?.id));
}

const NOTHING = { ok: true, value: undefined } as const;

/** What an unclear answer may have left behind is found by the call's id. */
async function makeOnce(desk: CrmDesk, kind: CrmKind, lead: Lead, fields: Readonly<Record<string, unknown>>): Promise<Asked<CrmItem>> {
  const made = await desk.findOwn(kind, lead.callId);
  if (!made.ok) return made;
  if (made.value !== undefined) return { ok: true, value: made.value };
  return desk.addItem(kind, lead.callId, fields);
}

/** `lead:12`, as it stands in the message's receipt. */
function writeRef({ kind, id }: CrmRef): string {
  return `${kind}:${id}`;
}

function readRef(receipt: string | undefined): CrmRef | undefined {
  const [, kind, id] = /^(lead|deal|contact|company):(\d{1,15})$/.exec(receipt ?? '') ?? [];
  return kind === undefined ? undefined : { kind: kind as CrmKind, id: Number(id) };
}
