/** A portal that misbehaves in every way there is, and lets what it was sent shine through wherever it can. */
import type { Misbehaviour } from './bitrix24/misbehaviour.ts';
import type { Bitrix24Portal } from './bitrix24/portal.ts';
import { PORTAL_ERRORS, type PortalErrorName } from './bitrix24/portal-errors.ts';
import { MARKS } from './canary-marks.ts';

/** Of those staged, this many leave open whether somebody was rung. */
export const UNCLEAR_STAGED = 8;

/** Stages everything for the orders to ring that come next, one after the other; answers with how many there are. */
export function stageCanary(portal: Bitrix24Portal, number: string): number {
  const errors = (Object.keys(PORTAL_ERRORS) as PortalErrorName[]).map((name): Misbehaviour => ({ kind: 'error', name }));
  // Last comes the refusal after which the relay leaves the portal alone for minutes.
  const resting = errors.filter((each) => each.kind === 'error' && each.name === 'tooMuchTime');
  const all = [...misbehavioursOfAllKinds(), ...chatter(number), ...errors.filter((each) => !resting.includes(each)), ...resting];
  for (const behaviour of all) portal.misbehave('voximplant.callback.start', behaviour);
  return all.length;
}

/** One of each kind: the compiler sees to it that none is left out. */
function misbehavioursOfAllKinds(): Misbehaviour[] {
  const byKind: { [Kind in Misbehaviour['kind']]: Extract<Misbehaviour, { kind: Kind }> } = {
    hang: { kind: 'hang', executes: true },
    drip: { kind: 'drip', everyMs: 1_000 },
    error: { kind: 'error', name: 'badNumber' },
    answer: { kind: 'answer', status: 200, contentType: 'text/html', body: '<html>', executes: true },
    without_call_id: { kind: 'without_call_id' },
    slow: { kind: 'slow', delayMs: 500 },
    drop: { kind: 'drop', executes: true },
    reset: { kind: 'reset', executes: true },
    redirect: { kind: 'redirect', status: 302, location: `https://elsewhere.example/rest/1/${MARKS.webhookSecret}/` },
    truncated: { kind: 'truncated' },
    flood: { kind: 'flood', bytes: 1_000_000 },
  };
  return Object.values(byKind);
}

/** Answers that repeat the number, the address with its secret, and the name where another server has a code or a sentence. */
function chatter(number: string): Misbehaviour[] {
  const secret = `https://portal.example/rest/1/${MARKS.webhookSecret}/`;
  const bodies: [number, unknown][] = [
    [400, { error: 'ERROR_CORE', error_description: `Phone number ${number} is not correct` }],
    [400, { error: number, error_description: `${secret} ${MARKS.name}` }],
    [403, { error: MARKS.webhookSecret, error_description: number }],
    [200, { result: { RESULT: true, CALL_ID: number } }],
    [200, { result: number }],
    [500, { error: { [number]: secret } }],
    [503, `${number} ${secret} ${MARKS.name}`],
  ];
  return bodies.map(([status, body]) => {
    return { kind: 'answer', status, contentType: 'application/json', body: JSON.stringify(body), executes: false };
  });
}
