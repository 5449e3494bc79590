/**
 * The portal as somebody else's switchboard uses it: external lines, and calls that are registered, shown and finished by hand. What is
 * not documented, such as what a second `finish` does, is done and counted, so that a test sees it.
 */
import type { Clock } from '../../clock.ts';
import type { PortalCrm } from './portal-crm.ts';
import type { PortalMethod } from './portal-methods.ts';
import { isParams, type Params, readParam } from './portal-params.ts';

export interface CallCard {
  readonly callId: string;
  readonly externalCallId: string;
  readonly number: string;
  readonly type: string;
  readonly userId: string;
  readonly line: string;
  /** What it is tied to in the CRM. */
  readonly entry: { type: string; id: number } | undefined;
  readonly registeredAt: number;
  /** Users who had it on their screens, each as often as it came. */
  readonly shownTo: readonly string[];
  /** How it ended, once for each time that somebody said so. */
  readonly endings: readonly CardEnding[];
}

export interface CardEnding {
  readonly statusCode: string;
  readonly seconds: number;
  readonly cost: number;
  readonly currency: string;
  readonly reason: string;
}

export interface ExternalLineEntry {
  readonly number: string;
  readonly name: string;
  readonly createsEntries: boolean;
}

export interface PortalCards {
  readonly cards: readonly CallCard[];
  readonly lines: readonly ExternalLineEntry[];
  readonly methods: ReadonlyMap<string, PortalMethod>;
}

export interface PortalCardsOptions {
  clock: Clock;
  newCardId: () => string;
  crm: PortalCrm;
  /** Users who work there. */
  userIds: readonly string[];
  /** `voximplant.statistic.get` of the portal's own telephony, in whose list finished cards stand too. */
  statistics: PortalMethod | undefined;
}

/** Within this time what is registered anew in the same words is the old one. */
const SAME_WITHIN_MS = 30 * 60_000;
const ENTRY_TYPES = ['CONTACT', 'COMPANY', 'LEAD'];
const LEAD_TYPE_ID = 1;

type Answer = ReturnType<PortalMethod['run']>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };
type OpenCard = Writable<CallCard> & { shownTo: string[]; endings: CardEnding[] };

export function portalCards({ clock, newCardId, crm, userIds, statistics }: PortalCardsOptions): PortalCards {
  const cards: OpenCard[] = [];
  const lines: ExternalLineEntry[] = [];
  let lineIds = 0;

  function register(params: Params): Answer {
    const [number, type, userId, line, externalCallId] = ['PHONE_NUMBER', 'TYPE', 'USER_ID', 'LINE_NUMBER', 'EXTERNAL_CALL_ID'].map(
      (name) => readParam(params, name),
    ) as [string, string, string, string, string];
    if (userId === '') return { ok: false, error: 'cardUserMissing' };
    if (!userIds.includes(userId)) return { ok: false, error: 'cardUserUnknown' };
    if (!/^[1-5]$/.test(type)) return { ok: false, error: 'cardTypeUnknown' };
    if (number.replaceAll(/\D/g, '').length < 3) return { ok: false, error: 'cardNumberBad' };
    const same = cards.find(
      (card) =>
        clock.now() - card.registeredAt < SAME_WITHIN_MS &&
        card.number === number &&
        card.type === type &&
        card.userId === userId &&
        card.line === line &&
        card.externalCallId === externalCallId,
    );
    const card = same ?? open({ callId: newCardId(), number, type, userId, line, externalCallId, entry: entryOf(params, number) });
    if (same === undefined && readParam(params, 'SHOW') !== '0') card.shownTo.push(userId);
    return answer({
      CALL_ID: card.callId,
      CRM_CREATED_LEAD: null,
      CRM_CREATED_ENTITIES: [],
      CRM_ENTITY_TYPE: card.entry?.type ?? '',
      CRM_ENTITY_ID: card.entry?.id ?? null,
    });
  }

  function open(card: Omit<OpenCard, 'registeredAt' | 'shownTo' | 'endings'>): OpenCard {
    const opened = { ...card, registeredAt: clock.now(), shownTo: [], endings: [] };
    cards.push(opened);
    return opened;
  }

  function entryOf(params: Params, number: string): OpenCard['entry'] {
    const [type, id] = [readParam(params, 'CRM_ENTITY_TYPE'), Number(readParam(params, 'CRM_ENTITY_ID'))];
    if (ENTRY_TYPES.includes(type) && id > 0) return { type, id };
    if (readParam(params, 'CRM_CREATE') !== '1') return undefined;
    return { type: 'LEAD', id: crm.enter(LEAD_TYPE_ID, { title: 'Call', fm: [{ typeId: 'PHONE', value: number }] }) };
  }

  const findCard = (params: Params) => cards.find(({ callId }) => callId === readParam(params, 'CALL_ID'));

  function show(params: Params): Answer {
    const card = findCard(params);
    card?.shownTo.push(readParam(params, 'USER_ID') || card.userId);
    return answer(card !== undefined);
  }

  function finish(params: Params): Answer {
    const card = findCard(params);
    if (card === undefined) return { ok: false, error: 'cardUnknown' };
    if (!userIds.includes(readParam(params, 'USER_ID'))) return { ok: false, error: 'cardUserUnknown' };
    const seconds = Number(readParam(params, 'DURATION')) || 0;
    card.endings.push({
      statusCode: readParam(params, 'STATUS_CODE') || (seconds > 0 ? '200' : '304'),
      seconds,
      cost: Number(readParam(params, 'COST')) || 0,
      currency: readParam(params, 'COST_CURRENCY'),
      reason: readParam(params, 'FAILED_REASON'),
    });
    return answer(rowOf(card));
  }

  function readStatistics(params: Params): Answer {
    const [callId, externalCallId] = ['CALL_ID', 'EXTERNAL_CALL_ID'].map((name) =>
      isParams(params.FILTER) ? readParam(params.FILTER, name) : '',
    ) as [string, string];
    if (!callId.startsWith('externalCall.') && externalCallId === '') return statistics?.run(params) ?? answer([]);
    const isMeant = (card: OpenCard) => card.callId === callId || card.externalCallId === externalCallId;
    const rows = cards.filter((card) => isMeant(card) && card.endings.length > 0).map(rowOf);
    return { ok: true, answer: { result: rows, total: rows.length } };
  }

  function addLine(params: Params): Answer {
    const number = readParam(params, 'NUMBER');
    if (number === '') return { ok: false, error: 'externalLineEmpty' };
    if (lines.some((line) => line.number === number)) return { ok: false, error: 'externalLineExists' };
    lines.push({ number, name: readParam(params, 'NAME'), createsEntries: readParam(params, 'CRM_AUTO_CREATE') !== 'N' });
    lineIds += 1;
    return answer({ ID: lineIds });
  }

  function changeLine(params: Params, change: (at: number, line: ExternalLineEntry) => unknown): Answer {
    const number = readParam(params, 'NUMBER');
    if (number === '') return { ok: false, error: 'externalLineEmpty' };
    const at = lines.findIndex((line) => line.number === number);
    const line = lines[at];
    return line === undefined ? { ok: false, error: 'externalLineUnknown' } : answer(change(at, line));
  }

  function updateLine(at: number, line: ExternalLineEntry, params: Params): unknown {
    const creates = readParam(params, 'CRM_AUTO_CREATE');
    lines[at] = {
      ...line,
      name: readParam(params, 'NAME') || line.name,
      createsEntries: creates === '' ? line.createsEntries : creates === 'Y',
    };
    return { ID: String(at + 1) };
  }

  const asApplication = (run: PortalMethod['run']): PortalMethod => ({ scopes: ['telephony'], applicationOnly: true, costMs: 100, run });
  return {
    cards,
    lines,
    methods: new Map<string, PortalMethod>([
      ['telephony.externalcall.register', asApplication(register)],
      // Documented without the remark that it wants an application.
      ['telephony.externalcall.show', { scopes: ['telephony'], costMs: 50, run: show }],
      ['telephony.externalcall.finish', asApplication(finish)],
      ['telephony.externalline.get', asApplication(() => answer(lines.map(describeLine)))],
      ['telephony.externalline.add', asApplication(addLine)],
      ['telephony.externalline.update', asApplication((params) => changeLine(params, (at, line) => updateLine(at, line, params)))],
      ['telephony.externalline.delete', asApplication((params) => changeLine(params, (at) => lines.splice(at, 1) && []))],
      ['voximplant.statistic.get', { scopes: ['telephony'], right: 'callStatistics', costMs: 100, run: readStatistics }],
    ]),
  };
}

function describeLine({ number, name, createsEntries }: ExternalLineEntry): unknown {
  return { NUMBER: number, NAME: name, CRM_AUTO_CREATE: createsEntries ? 'Y' : 'N' };
}

function rowOf({ callId, externalCallId, number, type, userId, entry, endings }: CallCard): unknown {
  const last = endings.at(-1);
  return {
    CALL_ID: callId,
    EXTERNAL_CALL_ID: externalCallId,
    PORTAL_USER_ID: Number(userId),
    PHONE_NUMBER: number,
    INCOMING: type,
    CALL_DURATION: last?.seconds ?? 0,
    CALL_STATUS: last?.statusCode === '200' ? 1 : 0,
    CALL_FAILED_CODE: last?.statusCode ?? '',
    CALL_FAILED_REASON: last?.reason ?? '',
    CRM_ENTITY_TYPE: entry?.type ?? '',
    CRM_ENTITY_ID: entry?.id ?? null,
  };
}

function answer(result: unknown): Answer {
  return { ok: true, answer: { result } };
}
