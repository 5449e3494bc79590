/** The methods of the portal that a relay may want, with what each asks of whoever calls it. */

import type { AnyErrorName } from './portal-crm-errors.ts';
import { type Params, readParam } from './portal-params.ts';
import { readStatistics } from './statistics.ts';
import type { Switchboard } from './switchboard.ts';

/** What the role of the webhook's owner allows in telephony. */
export interface PortalRights {
  /** "Outgoing call: any number". */
  outgoingCall: boolean;
  /** "Manage numbers: modify". */
  manageNumbers: boolean;
  /** "Call statistics: view". */
  callStatistics: boolean;
}

export interface PortalMethod {
  scopes: readonly string[];
  right?: keyof PortalRights;
  /** Only an application may ask it, and no webhook. */
  applicationOnly?: boolean;
  /** What one run adds to the portal's account of operating time. */
  costMs: number;
  run(params: Params): { ok: true; answer: { result: unknown; total?: number; next?: number } } | { ok: false; error: AnyErrorName };
}

export interface PortalFurniture {
  userId: string;
  lines: Readonly<Record<string, string>>;
  unconfiguredLines: readonly string[];
  voices: Readonly<Record<string, string>>;
  scopes: readonly string[];
  switchboard: Switchboard;
  newCallId: () => string;
}

export function portalMethods(furniture: PortalFurniture): ReadonlyMap<string, PortalMethod> {
  const { userId, lines, voices, scopes, switchboard } = furniture;
  return new Map<string, PortalMethod>([
    // Which of the two scopes the method wants is told in two ways; asking for both is the stricter portal.
    [
      'voximplant.callback.start',
      { scopes: ['telephony', 'call'], right: 'outgoingCall', costMs: 960, run: (params) => startCallback(params, furniture) },
    ],
    ['voximplant.line.get', { scopes: ['telephony'], right: 'manageNumbers', costMs: 50, run: () => answer(phpObject(lines)) }],
    [
      'voximplant.line.outgoing.get',
      { scopes: ['telephony'], right: 'manageNumbers', costMs: 50, run: () => answer(Object.keys(lines)[0] ?? '') },
    ],
    ['voximplant.tts.voices.get', { scopes: ['telephony'], costMs: 50, run: () => answer(phpObject(voices)) }],
    [
      'voximplant.statistic.get',
      {
        scopes: ['telephony'],
        right: 'callStatistics',
        costMs: 100,
        run: (params) => ({ ok: true, answer: { ...readStatistics(switchboard.dials, params) } }),
      },
    ],
    ['scope', { scopes: [], costMs: 10, run: () => answer(scopes) }],
    ['profile', { scopes: [], costMs: 10, run: () => answer({ ID: userId, ADMIN: false, NAME: 'Web', LAST_NAME: 'Hook' }) }],
  ]);
}

function answer(result: unknown): { ok: true; answer: { result: unknown } } {
  return { ok: true, answer: { result } };
}

/** PHP has one empty array for both kinds. */
function phpObject(names: Readonly<Record<string, string>>): unknown {
  return Object.keys(names).length === 0 ? [] : names;
}

function startCallback(
  params: Params,
  { lines, unconfiguredLines, switchboard, newCallId }: PortalFurniture,
): ReturnType<PortalMethod['run']> {
  const line = readParam(params, 'FROM_LINE');
  const number = readParam(params, 'TO_NUMBER');
  if (unconfiguredLines.includes(line)) return { ok: false, error: 'unconfiguredLine' };
  if (!Object.hasOwn(lines, line)) return { ok: false, error: 'unknownLine' };
  if (!isDialable(number)) return { ok: false, error: 'badNumber' };
  const callId = newCallId();
  const announcement = readParam(params, 'TEXT_TO_PRONOUNCE');
  switchboard.dial({ callId, line, number, announcement, voice: readParam(params, 'VOICE') || undefined });
  return answer({ RESULT: true, CALL_ID: callId });
}

/** The portal is generous: whatever keeps a few digits once letters and punctuation are gone. */
function isDialable(number: string): boolean {
  return number.replaceAll(/\D/g, '').length >= 3;
}
