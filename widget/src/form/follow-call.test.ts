import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CALL_STEPS, type CallAccepted, type CallView, PUBLIC_STATES } from '../../../server/src/contract/calls.ts';
import type { Answer } from '../relay/relay-client.ts';
import { en } from '../text/en.ts';
import { beginCall } from './follow-call.ts';
import type { FormState, Message, Step } from './form-state.ts';
import { emptyForm, stepForm } from './step-form.ts';
import { tellScene } from './tell-scene.ts';
import { wordsOf } from './words.ts';

const NOW = Date.parse('2026-03-02T14:00:00Z');
const ACCEPTED: CallAccepted = {
  id: 'call-1',
  statusToken: 'token-1',
  state: 'waiting',
  number: '+49 1512 3456789',
  dialBefore: new Date(NOW + 120_000).toISOString(),
  pollAfterMs: 1000,
};
const words = wordsOf(en, 'en');

test('an accepted request waits, and the relay is asked when it said', () => {
  const [state, effect] = begin();
  expect(state).toMatchObject({ scene: 'waiting', call: { number: '+49 1512 3456789', seen: [] } });
  expect(effect).toEqual({ kind: 'ask', call: state.call, afterMs: 1000 });
  expect(tellScene(state, words)).toMatchObject({ title: 'waiting', text: 'Keep your phone close.', button: 'cancel' });
});

test('questions are never closer than half a second nor further than five minutes', () => {
  expect(heard(begin()[0], { state: 'waiting', pollAfterMs: 0 })[1]).toMatchObject({ afterMs: 500 });
  expect(heard(begin()[0], { state: 'waiting', pollAfterMs: 240_000 })[1]).toMatchObject({ afterMs: 240_000 });
  expect(heard(begin()[0], { state: 'scheduled', pollAfterMs: 1e9 })[1]).toMatchObject({ afterMs: 300_000 });
});

test('only steps that were reported are told', () => {
  const [calling] = heard(begin()[0], { state: 'calling' });
  expect(calling.call?.seen).toEqual([]);
  expect(tellScene(calling, words)).toMatchObject({ title: 'calling', button: undefined });
  const [ringing] = heard(calling, { state: 'calling', step: 'agent_ringing' });
  const [visitor] = heard(ringing, { state: 'calling', step: 'visitor_ringing' });
  const [repeated] = heard(visitor, { state: 'calling', step: 'visitor_ringing' });
  expect(repeated.call?.seen).toEqual(['agent_ringing', 'visitor_ringing']);
  expect(tellScene(repeated, words)?.title).toBe('visitor_ringing');
});

test('an overtaken answer changes nothing but the next question', () => {
  const [talking] = heard(begin()[0], { state: 'talking' });
  const [after, effect] = heard(talking, { state: 'calling', step: 'agent_ringing' });
  expect(after).toMatchObject({ scene: 'talking', call: { seen: [] } });
  expect(effect?.kind).toBe('ask');
});

test('silence past the deadline is said to be silence, and a new wish is a new call', () => {
  const [early] = heard(begin()[0], { state: 'waiting' }, NOW + 119_999);
  const [late] = heard(early, { state: 'waiting' }, NOW + 120_000);
  expect([early.scene, late.scene]).toEqual(['waiting', 'doubtful']);
  expect(tellScene(late, words)?.text).toMatch(/could not confirm that the call was started/);
  expect(stepForm(late, { kind: 'again' })[0]).toMatchObject({ scene: 'editing', ask: undefined });
});

test('news after doubt is told', () => {
  const [late] = heard(begin()[0], { state: 'waiting' }, NOW + 200_000);
  expect(heard(late, { state: 'waiting' }, NOW + 201_000)[0].scene).toBe('doubtful');
  expect(heard(late, { state: 'calling' }, NOW + 201_000)[0].scene).toBe('calling');
});

test('a device whose clock is hours off is not told that its call is late', () => {
  for (const offMs of [-3_600_000, 3_600_000]) {
    const [state] = beginCall(emptyForm('DE', ''), ACCEPTED, NOW + offMs);
    expect(state.call?.lateAt).toBe(NOW + offMs + 120_000);
  }
});

test('a call without reported steps or end can be left behind after a while, not before', () => {
  const [soon] = heard(begin()[0], { state: 'calling' }, NOW + 200_000);
  const [later] = heard(soon, { state: 'calling' }, NOW + 240_000);
  expect(stepForm(soon, { kind: 'again' })[0].scene).toBe('calling');
  expect(tellScene(soon, words)?.button).toBeUndefined();
  expect(tellScene(later, words)?.button).toBe('anew');
  expect(stepForm(later, { kind: 'again' })[0].scene).toBe('editing');
});

test.each(['done', 'missed', 'failed', 'cancelled'] as const)(
  '%s is the end: nothing more is asked, and the next request is a new one',
  (end) => {
    const [state, effect] = heard(begin()[0], { state: end, final: true });
    expect(state).toMatchObject({ scene: end, ask: undefined });
    expect(effect).toBeUndefined();
    expect(heard(state, { state: 'calling' })[0]).toBe(state);
    expect(stepForm(state, { kind: 'again' })[0].scene).toBe('editing');
  },
);

test.each(['done', 'failed'] as const)('an end that nobody knows is not told as one: %s', (state) => {
  const [ended, effect] = heard(begin()[0], { state, unconfirmed: true, final: true });
  expect(effect).toBeUndefined();
  const told = tellScene(ended, words);
  expect(told).toMatchObject({ title: 'unconfirmed', tone: 'bad', button: 'anew' });
  expect(told?.text).toContain('We do not know whether you were put through.');
  expect(stepForm(ended, { kind: 'again' })[0]).toMatchObject({ scene: 'editing', ask: undefined });
});

test('a call that failed for its number says so', () => {
  const [state] = heard(begin()[0], { state: 'failed', problem: 'number_invalid', final: true });
  expect(tellScene(state, words)).toMatchObject({
    title: 'failed',
    text: 'This number cannot be called. Please check it.',
    button: 'change',
  });
});

test('a repeat of a request whose call has ended asks at once what became of it', () => {
  const [state, effect] = beginCall(emptyForm('DE', ''), { ...ACCEPTED, state: 'missed', pollAfterMs: 0 }, NOW);
  expect(state.scene).toBe('waiting');
  expect(effect).toMatchObject({ kind: 'ask', afterMs: 500 });
});

test('without an answer it asks more and more seldom, and says so from the second time on', () => {
  const pauses: unknown[] = [];
  let state = begin()[0];
  for (let times = 0; times < 6; times += 1) {
    const [next, effect] = hear(state, { kind: 'unreachable' });
    pauses.push(effect?.kind === 'ask' && effect.afterMs);
    state = next;
  }
  expect(pauses).toEqual([2000, 4000, 8000, 15_000, 15_000, 15_000]);
  expect(state.call?.unheard).toBe(6);
  expect(heard(state, { state: 'waiting' })[0].call?.unheard).toBe(0);
});

test('a call that the relay does not know any more is in doubt, and nothing more is asked', () => {
  const [state, effect] = hear(begin()[0], { kind: 'problem', code: 'unknown_call', retryAfterMs: 0 });
  expect(state.scene).toBe('doubtful');
  expect(effect).toBeUndefined();
});

test('cancelling is asked once, and the relay decides', () => {
  const [asked, effect] = stepForm(begin()[0], { kind: 'cancel' });
  expect(effect).toMatchObject({ kind: 'cancel', call: { id: 'call-1', token: 'token-1' } });
  expect(stepForm(asked, { kind: 'cancel' })).toEqual([asked]);
  expect(tellScene(asked, words)?.button).toBeUndefined();
  expect(cancelHeard(asked, { kind: 'ok', value: view({ state: 'cancelled', final: true }) })[0].scene).toBe('cancelled');
});

test('too late to cancel is said, and the call is followed on', () => {
  const [asked] = stepForm(begin()[0], { kind: 'cancel' });
  const [late] = cancelHeard(asked, { kind: 'problem', code: 'too_late', retryAfterMs: 0 });
  expect(late).toMatchObject({ scene: 'waiting', call: { cancelling: 'too_late' } });
  expect(stepForm(late, { kind: 'cancel' })).toEqual([late]);
  expect(heard(late, { state: 'calling' })[0].scene).toBe('calling');
});

test('a cancellation that did not get through can be tried again', () => {
  const [asked] = stepForm(begin()[0], { kind: 'cancel' });
  const [failed] = cancelHeard(asked, { kind: 'unreachable' });
  expect(failed.call?.cancelling).toBe('not_cancelled');
  expect(stepForm(failed, { kind: 'cancel' })[1]?.kind).toBe('cancel');
});

test('a call that was started is not taken back', () => {
  const [calling] = heard(begin()[0], { state: 'calling' });
  expect(stepForm(calling, { kind: 'cancel' })).toEqual([calling]);
});

test('answers about another call are nobody’s', () => {
  const [state] = begin();
  expect(hear(state, { kind: 'ok', value: view({ state: 'done', final: true }) }, NOW, 'call-0')).toEqual([state]);
});

test('whatever is reported in whatever order, a call never goes back', () => {
  const order = ['scheduled', 'waiting', 'doubtful', 'calling', 'talking'];
  const report = fc.record({
    state: fc.constantFrom(...PUBLIC_STATES),
    step: fc.constantFrom(undefined, ...CALL_STEPS),
    afterMs: fc.nat(90_000),
  });
  fc.assert(
    fc.property(fc.array(report, { maxLength: 12 }), (reports) => {
      let state = begin()[0];
      let now = NOW;
      for (const { state: reported, step, afterMs } of reports) {
        now += afterMs;
        const before = state;
        state = heard(before, { state: reported, ...(step && { step }) }, now)[0];
        const ranks = [before, state].map(({ scene }) => (order.includes(scene) ? order.indexOf(scene) : order.length));
        expect(ranks[1]).toBeGreaterThanOrEqual(ranks[0] ?? 0);
        if (!order.includes(before.scene)) expect(state).toBe(before);
      }
    }),
    { numRuns: 500 },
  );
});

test('a planned call is not called silent when its time comes', () => {
  const at = NOW + 3_600_000;
  const fields = { ...emptyForm('DE', '').fields, at: new Date(at).toISOString() };
  const planned: CallAccepted = { ...ACCEPTED, state: 'scheduled', dialBefore: new Date(at + 300_000).toISOString() };
  const [state] = beginCall({ ...emptyForm('DE', ''), fields, ask: { key: 'k1', body: '{}', fields } }, planned, NOW);
  expect(heard(state, { state: 'waiting' }, at)[0].scene).toBe('waiting');
  expect(heard(state, { state: 'waiting' }, at + 300_000)[0].scene).toBe('doubtful');
});

function begin(): Step {
  const asked = { ...emptyForm('DE', ''), ask: { key: 'k1', body: '{}', fields: emptyForm('DE', '').fields } };
  return beginCall(asked, ACCEPTED, NOW);
}

function view(about: Partial<CallView>): CallView {
  return { id: 'call-1', state: 'waiting', pollAfterMs: 1000, final: false, ...about };
}

function heard(state: FormState, about: Partial<CallView>, now = NOW): Step {
  return hear(state, { kind: 'ok', value: view(about) }, now);
}

function hear(state: FormState, answer: Answer<CallView>, now = NOW, id = 'call-1'): Step {
  return stepForm(state, { kind: 'heard', id, answer, now });
}

function cancelHeard(state: FormState, answer: Answer<CallView>): Step {
  const message: Message = { kind: 'cancel_heard', id: 'call-1', answer, now: NOW };
  return stepForm(state, message);
}
