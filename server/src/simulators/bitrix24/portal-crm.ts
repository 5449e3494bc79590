/** The CRM of the portal as far as a relay asks it: entries with their fields, tasks, and messages to users. */
import type { PortalMethod } from './portal-methods.ts';
import { isParams, type Params, type ParamValue, readParam } from './portal-params.ts';

export interface PortalCrmOptions {
  /** Classic, with leads, when absent. */
  mode?: 'classic' | 'simple' | undefined;
  /** Stock ones when absent. */
  sources?: readonly string[] | undefined;
  /** Portal user who owns the webhook. */
  userId: string;
}

export interface CrmEntry {
  readonly id: number;
  /** 1 lead, 2 deal, 3 contact, 4 company. */
  readonly entityTypeId: number;
  readonly fields: Params;
}

export interface CrmTodo {
  readonly id: number;
  readonly ownerTypeId: number;
  readonly ownerId: number;
  readonly title: string;
  readonly description: string;
  readonly deadline: string;
  readonly responsibleId: number;
}

export interface PortalCrm {
  readonly entries: readonly CrmEntry[];
  readonly todos: readonly CrmTodo[];
  /** What users were told by `im.notify`. */
  readonly told: readonly { userId: string; message: string }[];
  /** Puts in what was there before; answers its id. */
  enter(entityTypeId: number, fields: Params): number;
}

const TYPE_NAMES = [
  [1, 'LEAD'],
  [3, 'CONTACT'],
  [4, 'COMPANY'],
] as const;
const KNOWN_TYPES: ReadonlySet<number> = new Set([1, 2, 3, 4]);

export function portalCrm(options: PortalCrmOptions): PortalCrm & { methods: ReadonlyMap<string, PortalMethod> } {
  const { mode = 'classic', sources = ['CALL', 'WEB', 'CALLBACK', 'OTHER'], userId } = options;
  const entries: CrmEntry[] = [];
  const todos: CrmTodo[] = [];
  const told: { userId: string; message: string }[] = [];

  function enter(entityTypeId: number, fields: Params): number {
    const id = entries.length + 1;
    entries.push({ id, entityTypeId, fields: { assignedById: Number(userId), ...fields } });
    return id;
  }

  const findEntry = (type: string, id: string) => entries.find((each) => String(each.entityTypeId) === type && String(each.id) === id);

  function findDuplicates(params: Params): Answer {
    const values = Array.isArray(params.values) ? params.values.map(digitsOf) : [];
    const found = TYPE_NAMES.flatMap(([type, name]) => {
      const ids = entries.filter((entry) => entry.entityTypeId === type && phonesOf(entry).some((phone) => values.includes(phone)));
      return ids.length === 0 ? [] : [[name, ids.map(({ id }) => id).slice(0, 20)] as const];
    });
    return answer(found.length === 0 ? [] : Object.fromEntries(found));
  }

  function addItem(params: Params): Answer {
    const entityTypeId = Number(readParam(params, 'entityTypeId'));
    if (!KNOWN_TYPES.has(entityTypeId)) return { ok: false, error: 'crmNotFound' };
    const id = enter(entityTypeId, isParams(params.fields) ? params.fields : {});
    return answer({ item: describe(findEntry(String(entityTypeId), String(id))) });
  }

  function listItems(params: Params): Answer {
    const filter = isParams(params.filter) ? Object.entries(params.filter) : [];
    const type = readParam(params, 'entityTypeId');
    const items = entries.filter(
      (entry) => String(entry.entityTypeId) === type && filter.every(([name, value]) => entry.fields[name] === value),
    );
    return answer({ items: items.slice(0, 50).map(describe) });
  }

  function getItem(params: Params): Answer {
    const entry = findEntry(readParam(params, 'entityTypeId'), readParam(params, 'id'));
    return entry === undefined ? { ok: false, error: 'crmNotFound' } : answer({ item: describe(entry) });
  }

  function addTodo(params: Params): Answer {
    const [type, id, deadline] = ['ownerTypeId', 'ownerId', 'deadline'].map((name) => readParam(params, name));
    if (type === undefined || id === undefined || !deadline) return { ok: false, error: 'crmFieldsMissing' };
    if (Number.isNaN(Date.parse(deadline))) return { ok: false, error: 'crmWrongDate' };
    if (findEntry(type, id) === undefined) return { ok: false, error: 'crmNotFound' };
    const todo: CrmTodo = {
      id: 1_000 + todos.length,
      ownerTypeId: Number(type),
      ownerId: Number(id),
      title: readParam(params, 'title'),
      description: readParam(params, 'description'),
      deadline,
      responsibleId: Number(readParam(params, 'responsibleId') || userId),
    };
    todos.push(todo);
    return answer({ id: todo.id });
  }

  function listActivities(params: Params): Answer {
    const filter = isParams(params.filter) ? params.filter : {};
    const matching = todos.filter(
      ({ ownerTypeId, ownerId, title }) =>
        String(ownerTypeId) === readParam(filter, 'OWNER_TYPE_ID') &&
        String(ownerId) === readParam(filter, 'OWNER_ID') &&
        ['', 'CRM_TODO'].includes(readParam(filter, 'PROVIDER_ID')) &&
        ['', title].includes(readParam(filter, 'SUBJECT')),
    );
    return answer(matching.map(({ id }) => ({ ID: String(id) })));
  }

  function notify(params: Params): Answer {
    told.push({ userId: readParam(params, 'USER_ID'), message: readParam(params, 'MESSAGE') });
    return answer(told.length);
  }

  const crm = (run: PortalMethod['run']): PortalMethod => ({ scopes: ['crm'], costMs: 100, run });
  return {
    entries,
    todos,
    told,
    enter,
    methods: new Map<string, PortalMethod>([
      ['crm.duplicate.findbycomm', crm(findDuplicates)],
      ['crm.settings.mode.get', crm(() => answer(mode === 'classic' ? 1 : 2))],
      ['crm.status.list', crm(() => answer(sources.map((id) => ({ ENTITY_ID: 'SOURCE', STATUS_ID: id, NAME: id }))))],
      ['crm.item.add', crm(addItem)],
      ['crm.item.list', crm(listItems)],
      ['crm.item.get', crm(getItem)],
      ['crm.activity.todo.add', crm(addTodo)],
      ['crm.activity.list', crm(listActivities)],
      ['im.notify.system.add', { scopes: ['im'], costMs: 20, run: notify }],
    ]),
  };
}

type Answer = ReturnType<PortalMethod['run']>;

function answer(result: unknown): Answer {
  return { ok: true, answer: { result } };
}

function describe(entry: CrmEntry | undefined): unknown {
  return entry && { id: entry.id, entityTypeId: entry.entityTypeId, ...entry.fields };
}

function phonesOf({ fields }: CrmEntry): string[] {
  const { fm } = fields;
  return Array.isArray(fm) ? fm.filter(isParams).map(({ value }) => digitsOf(value)) : [];
}

function digitsOf(value: ParamValue | undefined): string {
  return typeof value === 'string' ? value.replaceAll(/\D/g, '') : '';
}
