/** What is asked of a portal's CRM, a question each: parameters as documented, answers read defensively. */
import type { ChannelFault } from '../../follow-ups/channel.ts';
import { isRecord } from '../exchange.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import { crmFault, UNREADABLE_CRM } from './bitrix24-crm-faults.ts';

export type CrmKind = 'lead' | 'deal' | 'contact' | 'company';

export interface CrmRef {
  kind: CrmKind;
  id: number;
}

export interface CrmItem extends CrmRef {
  assignedById: number | undefined;
  /** Call that it was made for, if the relay made it. */
  originId: string | undefined;
}

export interface CrmTask {
  title: string;
  description: string;
  /** Epoch ms. */
  deadline: number;
  responsibleId: number | undefined;
}

/** A question answered, or what stood in the way. `isUnclear`: what was to be made may have been, or may yet be. */
export type Asked<T> = { ok: true; value: T } | { ok: false; fault: ChannelFault; isUnclear: boolean };

/** Says which entries are the relay's. */
export const ORIGINATOR = 'ringback';

const TYPE_ID: Readonly<Record<CrmKind, number>> = { lead: 1, deal: 2, contact: 3, company: 4 };
/** In the order in which somebody would look: a person, then a firm, then what is not sorted yet. */
const DUPLICATES = [
  ['CONTACT', 'contact'],
  ['COMPANY', 'company'],
  ['LEAD', 'lead'],
] as const;
/** Stock sources; portals edit the list. */
const SOURCES = ['CALLBACK', 'WEBFORM', 'WEB'];

export type CrmDesk = ReturnType<typeof crmDesk>;

export function crmDesk(client: Bitrix24Client) {
  let source: Asked<string | undefined> | undefined;

  async function ask<T>(
    method: string,
    params: Readonly<Record<string, unknown>>,
    read: (result: unknown) => T | undefined,
  ): Promise<Asked<T>> {
    const reply = await client.call(method, params);
    if (reply.kind !== 'result') {
      return { ok: false, fault: crmFault(reply.fault, method), isUnclear: isWriting(method) && reply.kind === 'uncertain' };
    }
    const value = read(reply.result);
    return value === undefined ? { ok: false, fault: UNREADABLE_CRM, isUnclear: isWriting(method) } : { ok: true, value };
  }

  async function askForSource(): Promise<Asked<string | undefined>> {
    const params = { filter: { ENTITY_ID: 'SOURCE' } };
    const known = await ask('crm.status.list', params, (result) => (Array.isArray(result) ? result.filter(isRecord) : undefined));
    if (!known.ok) return known;
    return { ok: true, value: SOURCES.find((id) => known.value.some(({ STATUS_ID }) => STATUS_ID === id)) };
  }

  return {
    /** Of several, the one that was there first. */
    async findByPhone(number: string): Promise<Asked<CrmRef | undefined>> {
      const found = await ask('crm.duplicate.findbycomm', { type: 'PHONE', values: [number] }, readDuplicates);
      return found.ok ? { ok: true, value: found.value[0] } : found;
    },
    readItem: ({ kind, id }: CrmRef): Promise<Asked<CrmItem>> =>
      ask('crm.item.get', { entityTypeId: TYPE_ID[kind], id }, (result) => (isRecord(result) ? readItem(kind, result.item) : undefined)),
    async findOwn(kind: CrmKind, callId: string): Promise<Asked<CrmItem | undefined>> {
      const params = {
        entityTypeId: TYPE_ID[kind],
        select: ['id', 'assignedById', 'originId'],
        filter: { originatorId: ORIGINATOR, originId: callId },
        order: { id: 'ASC' },
      };
      const found = await ask('crm.item.list', params, (result) =>
        isRecord(result) && Array.isArray(result.items) ? result.items : undefined,
      );
      return found.ok ? { ok: true, value: readItem(kind, found.value[0]) } : found;
    },
    addItem: (kind: CrmKind, callId: string, fields: Readonly<Record<string, unknown>>): Promise<Asked<CrmItem>> =>
      ask('crm.item.add', { entityTypeId: TYPE_ID[kind], fields: { ...fields, originatorId: ORIGINATOR, originId: callId } }, (result) =>
        isRecord(result) ? readItem(kind, result.item) : undefined,
      ),
    readMode: (): Promise<Asked<'classic' | 'simple'>> =>
      ask('crm.settings.mode.get', {}, (result) => (Number(result) === 1 ? 'classic' : Number(result) === 2 ? 'simple' : undefined)),
    /** Asked once: lists of sources seldom change, and an unknown source is merely not shown. */
    async findSource(): Promise<Asked<string | undefined>> {
      const answer = source ?? (await askForSource());
      if (answer.ok) source = answer;
      return answer;
    },
    hasTask: ({ kind, id }: CrmRef, title: string): Promise<Asked<boolean>> =>
      ask(
        'crm.activity.list',
        { filter: { OWNER_TYPE_ID: TYPE_ID[kind], OWNER_ID: id, PROVIDER_ID: 'CRM_TODO', SUBJECT: title }, select: ['ID'] },
        (result) => (Array.isArray(result) ? result.length > 0 : undefined),
      ),
    addTask: ({ kind, id }: CrmRef, { title, description, deadline, responsibleId }: CrmTask): Promise<Asked<number>> =>
      ask(
        'crm.activity.todo.add',
        {
          ownerTypeId: TYPE_ID[kind],
          ownerId: id,
          title,
          description,
          deadline: new Date(deadline).toISOString().replace(/\.\d+Z$/, '+00:00'),
          pingOffsets: [0, 15],
          ...(responsibleId !== undefined && { responsibleId }),
        },
        (result) => (isRecord(result) ? readId(result.id) : undefined),
      ),
    /** Undefined: the owner of the webhook. */
    async tellUser(userId: number | undefined, message: string): Promise<Asked<unknown>> {
      const user =
        userId === undefined ? await ask('profile', {}, (result) => (isRecord(result) ? readId(result.ID) : undefined)) : undefined;
      if (user?.ok === false) return user;
      return ask('im.notify.system.add', { USER_ID: user?.value ?? userId, MESSAGE: message }, (result) =>
        result === false ? undefined : true,
      );
    },
  };
}

function isWriting(method: string): boolean {
  return method.endsWith('.add');
}

/** `{ LEAD: [1], CONTACT: [2, 3] }`, and `[]` where there is none. The CRM lists the oldest first. */
function readDuplicates(result: unknown): CrmRef[] | undefined {
  if (Array.isArray(result)) return [];
  if (!isRecord(result)) return undefined;
  return DUPLICATES.flatMap(([name, kind]) => {
    const ids = result[name];
    return (Array.isArray(ids) ? ids.map(readId) : []).filter((id) => id !== undefined).map((id) => ({ kind, id }));
  });
}

function readItem(kind: CrmKind, item: unknown): CrmItem | undefined {
  if (!isRecord(item)) return undefined;
  const id = readId(item.id);
  if (id === undefined) return undefined;
  return { kind, id, assignedById: readId(item.assignedById), originId: typeof item.originId === 'string' ? item.originId : undefined };
}

/** The portal writes ids as numbers here and as text there. */
function readId(value: unknown): number | undefined {
  const id = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined;
}
