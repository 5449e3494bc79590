import { expect, test } from 'vitest';
import type { CallAccepted, CallView } from '../../../server/src/contract/calls.ts';
import { PROBLEMS, type ProblemCode } from '../../../server/src/contract/problems.ts';
import type { SiteView } from '../../../server/src/contract/site-view.ts';
import type { Answer } from '../relay/relay-client.ts';
import { en } from '../text/en.ts';
import type { Ask, FormState, Message, Scene, Step } from './form-state.ts';
import { emptyForm, isAsking, stepForm } from './step-form.ts';
import { tellScene } from './tell-scene.ts';
import { wordsOf } from './words.ts';

const NOW = Date.parse('2026-03-02T14:00:00Z');
const GERMAN = '0151 23456789';
const VIEW: SiteView = { site: 'shop', open: true, country: 'DE', countries: ['DE', 'AT', 'US'], departments: [], slots: [], proof: false };
const CONSENT = { textId: 'c-1', text: 'I agree.' };
const ACCEPTED: CallAccepted = {
  id: 'call-1',
  statusToken: 'token-1',
  state: 'waiting',
  number: '+49 1512 3456789',
  dialBefore: new Date(NOW + 120_000).toISOString(),
  pollAfterMs: 1000,
};

test('a fault in the number stays at its field and nothing is sent', () => {
  const faults = {
    '': 'empty',
    '0151': 'too_short',
    '0151 2345678901234567': 'too_long',
    hello: 'unreadable',
    '+44 7400 123456': 'elsewhere',
  };
  for (const [typed, text] of Object.entries(faults)) {
    const [state, effect] = stepForm(edited({ typed }), submit('k1'));
    expect(state).toMatchObject({ scene: 'editing', fault: { field: 'phone', text }, fields: { typed } });
    expect(effect).toBeUndefined();
  }
});

test('the next key stroke takes the fault away', () => {
  const [wrong] = stepForm(edited({ typed: '' }), submit('k1'));
  expect(stepForm(wrong, { kind: 'edit', change: { typed: '0' } })[0].fault).toBeUndefined();
});

test('what goes out is what was typed, as it was read, and no more than was given', () => {
  const [state, effect] = stepForm(edited({ typed: ` ${GERMAN} ` }), submit('k1'));
  expect(state.scene).toBe('sending');
  expect(effect).toMatchObject({ kind: 'post', afterMs: 0, ask: { key: 'k1' } });
  expect(bodyOf([state, effect])).toEqual({ site: 'shop', locale: 'en', phone: GERMAN, country: 'DE', expect: '+4915123456789' });
});

test('a number that only the relay can read goes out without a reading, and its answer comes back to the field', () => {
  const view = { ...VIEW, countries: ['AR', 'DE'] };
  const sending = stepForm(edited({ typed: '011 15-2345-6789', country: 'AR' }, view), submit('k1'));
  expect(bodyOf(sending)).toEqual({ site: 'shop', locale: 'en', phone: '011 15-2345-6789', country: 'AR' });
  const [back] = stepForm(sending[0], posted({ kind: 'problem', code: 'number_invalid', retryAfterMs: 0 }));
  expect(back).toMatchObject({ scene: 'editing', fault: { field: 'phone', text: 'number_invalid' } });
  expect(stepForm(edited({ typed: '+44 7400 12' }), submit('k1'))[0].fault?.text).toBe('too_short');
  expect(stepForm(edited({ typed: '+999 123 456 78' }), submit('k1'))[0].scene).toBe('sending');
});

test('a fullwidth plus goes out as a plus', () => {
  expect(bodyOf(stepForm(edited({ typed: '\uff0b49 1512 3456789' }), submit('k1')))).toMatchObject({
    phone: '+49 1512 3456789',
    expect: '+4915123456789',
  });
});

test('name and consent go with it', () => {
  const state = edited({ typed: GERMAN, name: ' Ann ', consentAt: '2026-03-02T13:59:00.000Z' }, { ...VIEW, consent: CONSENT });
  expect(bodyOf(stepForm(state, submit('k1')))).toMatchObject({
    name: 'Ann',
    consent: { textId: 'c-1', givenAt: '2026-03-02T13:59:00.000Z' },
  });
});

test('without the consent that the site asks for nothing is sent', () => {
  const [state, effect] = stepForm(edited({ typed: GERMAN }, { ...VIEW, consent: CONSENT }), submit('k1'));
  expect(state.fault).toEqual({ field: 'consent', text: 'consent_required' });
  expect(effect).toBeUndefined();
});

test('the second half of a double click changes nothing', () => {
  const sending = sent();
  expect(stepForm(sending, submit('k2'))).toEqual([sending]);
  expect(stepForm(sending, { kind: 'edit', change: { typed: '1' } })).toEqual([sending]);
  expect(stepForm(sending, { kind: 'again' })).toEqual([sending]);
});

test('an unclear end is repeated twice with the same key and the same bytes, then by hand', () => {
  const first = sent();
  const second = unreachable(first);
  const third = unreachable(second[0]);
  const stopped = unreachable(third[0]);
  const byHand = stepForm(stopped[0], { kind: 'again' });
  const ask = { ...first.ask, lost: true };
  expect([second, third].map(([, effect]) => effect)).toEqual([
    { kind: 'post', ask, afterMs: 700 },
    { kind: 'post', ask, afterMs: 2500 },
  ]);
  expect(stopped[0].scene).toBe('unreachable');
  expect(stopped[1]).toBeUndefined();
  expect(byHand).toEqual([
    { ...stopped[0], scene: 'sending', tries: 1 },
    { kind: 'post', ask, afterMs: 0 },
  ]);
});

test.each(['rate_limited', 'unavailable', 'proof_required'] as const)(
  'after a lost answer %s claims nothing of what was sent before',
  (code) => {
    const words = wordsOf(en, 'en');
    const refusal: Answer<CallAccepted> = { kind: 'problem', code, retryAfterMs: 60_000 };
    const [repeating] = unreachable(sent());
    const [refused] = stepForm(repeating, posted(refusal, askOf(repeating)));
    expect(tellScene(refused, words)?.text).toBe(en.unreachable_text);
    const [again] = stepForm(refused, { kind: 'again' });
    expect(tellScene(stepForm(again, posted(refusal, askOf(again)))[0], words)?.text).toBe(en.unreachable_text);
    // Of a request that went out once, the relay’s word is enough.
    expect(tellScene(answered(code)[0], words)?.text).toContain('Nothing was dialled');
  },
);

test('with a proof in it the request is frozen anew: repeats by itself and by hand send these bytes', () => {
  const proved = { ...askOf(sent()), body: '{"site":"shop","proof":"p"}' };
  const [repeating, effect] = stepForm(sent(), posted({ kind: 'unreachable' }, proved));
  const lost = { ...proved, lost: true };
  expect(effect).toEqual({ kind: 'post', ask: lost, afterMs: 700 });
  const [stopped] = stepForm({ ...repeating, tries: 3 }, posted({ kind: 'unreachable' }, proved));
  expect(stepForm(stopped, { kind: 'again' })[1]).toEqual({ kind: 'post', ask: lost, afterMs: 0 });
  expect(stepForm({ ...stopped, scene: 'editing' }, submit('k2'))[1]).toEqual({ kind: 'post', ask: lost, afterMs: 0 });
});

test('a device without network is told so', () => {
  expect(unreachable({ ...sent(), tries: 3 }, false)[0].scene).toBe('offline');
});

test('the same wish keeps its key, another wish gets another', () => {
  const [faulty] = answered('number_mismatch');
  const [same] = stepForm(faulty, submit('k2'));
  expect(same.ask?.key).toBe('k1');
  const [changed] = stepForm(faulty, { kind: 'edit', change: { name: 'Ann' } });
  const [other] = stepForm(changed, submit('k3'));
  expect(other.ask?.key).toBe('k3');
  expect(other.ask?.body).not.toBe(faulty.ask?.body);
});

test('an answer to another request is not taken for this one', () => {
  const sending = sent();
  expect(stepForm(sending, posted({ kind: 'ok', value: ACCEPTED }, { ...askOf(sending), key: 'k0' }))).toEqual([sending]);
});

test.each<[ProblemCode, Scene]>([
  ['number_refused', 'number_refused'],
  ['rate_limited', 'rate_limited'],
  ['closed', 'closed'],
  ['unavailable', 'unavailable'],
  ['origin_not_allowed', 'unavailable'],
  ['unknown_site', 'unavailable'],
  ['invalid_request', 'unavailable'],
  ['key_reused', 'unavailable'],
  ['proof_required', 'unavailable'],
  ['constructor' as ProblemCode, 'unavailable'],
])('the problem %s stops the form as %s and keeps what was typed', (code, scene) => {
  const [state] = answered(code, 90_000);
  expect(state).toMatchObject({ scene, retryAfterMs: 90_000, fields: { typed: GERMAN } });
});

test.each(['number_invalid', 'number_mismatch', 'consent_required', 'slot_unavailable'] as const)(
  'the problem %s stands at its field',
  (code) => {
    const [state, effect] = answered(code);
    expect(state).toMatchObject({ scene: 'editing', fault: { text: code }, fields: { typed: GERMAN } });
    expect(effect?.kind).toBe(code.startsWith('number') ? undefined : 'load_site');
  },
);

test('every problem of the contract ends in words', () => {
  for (const code of Object.keys(PROBLEMS) as ProblemCode[]) {
    const [state] = answered(code);
    const words = wordsOf(en, 'en');
    expect(state.fault ? words.say(state.fault.text) : tellScene(state, words)?.text, code).toMatch(/^[A-Z].*\.$/);
  }
});

test('a request that can never do is let go; one that may yet do is kept', () => {
  for (const code of ['number_refused', 'closed', 'key_reused'] as const) expect(answered(code)[0].ask, code).toBeUndefined();
  for (const code of ['rate_limited', 'unavailable'] as const) expect(answered(code)[0].ask?.key, code).toBe('k1');
  expect(stepForm(answered('number_refused')[0], { kind: 'again' })[0]).toMatchObject({ scene: 'editing', fields: { typed: GERMAN } });
});

test('the country of a typed + is followed, a shared code is not fought over', () => {
  const typing = (typed: string, country: string) => stepForm(edited({ country }), { kind: 'edit', change: { typed } })[0].fields.country;
  expect(typing('+43 1', 'DE')).toBe('AT');
  expect(typing('+33 1', 'DE')).toBe('DE');
  expect(stepForm(emptyForm('CA', ''), { kind: 'edit', change: { typed: '+1 2' } })[0].fields.country).toBe('CA');
});

test('the first site view sets the country that nobody has chosen; later ones only as long as nothing was typed', () => {
  const view = (state: FormState, country = '') => stepForm(state, { kind: 'site', view: VIEW, country })[0].fields.country;
  const typed = stepForm(emptyForm('US', ''), { kind: 'edit', change: { typed: '2' } })[0];
  expect(view(emptyForm('US', ''))).toBe('DE');
  expect(view(emptyForm('AT', ''), 'AT')).toBe('AT');
  expect(view(emptyForm('FR', ''), 'FR')).toBe('DE');
  expect(view(typed)).toBe('DE');
  expect(view({ ...typed, view: VIEW })).toBe('US');
  expect(view(stepForm(emptyForm('', ''), { kind: 'edit', change: { country: 'AT', typed: '2' } })[0])).toBe('AT');
});

test('a closed site is said to be closed, and opens again', () => {
  const [closed] = stepForm(edited({ typed: GERMAN }), { kind: 'site', view: { ...VIEW, open: false }, country: '' });
  expect(closed.scene).toBe('closed');
  const [looking, effect] = stepForm(closed, { kind: 'again' });
  expect(effect).toEqual({ kind: 'load_site' });
  expect(stepForm(closed, { kind: 'site', view: VIEW, country: '' })[0].scene).toBe('editing');
  expect(looking.fields.typed).toBe(GERMAN);
});

const SLOTS = ['2026-03-03T09:00:00Z', '2026-03-03T09:30:00Z'];

test('a closed site with times to choose from asks for one, and only for such as are free', () => {
  const look = (state: FormState, view: Partial<SiteView>) => stepForm(state, { kind: 'site', view: { ...VIEW, ...view }, country: '' })[0];
  const closed = look(edited({ typed: GERMAN }), { open: false, slots: SLOTS });
  expect(closed).toMatchObject({ scene: 'editing', fields: { at: SLOTS[0], typed: GERMAN } });
  expect(bodyOf(stepForm(closed, submit('k1')))).toMatchObject({ at: SLOTS[0] });
  const chosen = stepForm(closed, { kind: 'edit', change: { at: SLOTS[1] ?? '' } })[0];
  expect(look(chosen, { open: false, slots: SLOTS }).fields.at).toBe(SLOTS[1]);
  expect(look(chosen, { open: false, slots: SLOTS.slice(0, 1) }).fields.at).toBe(SLOTS[0]);
  expect(look(chosen, { open: true, slots: SLOTS.slice(0, 1) }).fields.at).toBe('');
  expect(look(chosen, { open: false }).scene).toBe('closed');
});

test('an open site calls as soon as possible unless a time is chosen', () => {
  const [open] = stepForm(edited({ typed: GERMAN }), { kind: 'site', view: { ...VIEW, slots: SLOTS }, country: '' });
  expect(bodyOf(stepForm(open, submit('k1')))).not.toHaveProperty('at');
});

test('a time that was asked for stays what it is, and is what the visitor is told', () => {
  const view = { ...VIEW, slots: SLOTS };
  const [asked] = stepForm(edited({ typed: GERMAN, at: SLOTS[1] ?? '' }, view), submit('k1'));
  const [planned] = stepForm(asked, { ...posted({ kind: 'ok', value: { ...ACCEPTED, state: 'scheduled' } }, askOf(asked)) });
  const [later] = stepForm(planned, { kind: 'site', view: { ...view, slots: [] }, country: '' });
  const words = wordsOf(en, 'en');
  expect(tellScene(later, words)).toMatchObject({ title: 'scheduled', text: expect.stringContaining(words.dayAndTime(SLOTS[1] ?? '')) });
});

test('a refusal says from when on a call may be asked for, whether or not the site is closed', () => {
  const [state] = stepForm(sent(), posted({ kind: 'problem', code: 'closed', retryAfterMs: 0, opensAt: SLOTS[0] }));
  const words = wordsOf(en, 'en');
  expect(tellScene(state, words)?.text).toContain(words.dayAndTime(SLOTS[0] ?? ''));
});

test('where nothing is taken now, a time may be chosen, and the same wish is the same request', () => {
  const state = { ...edited({ typed: GERMAN }, { ...VIEW, slots: SLOTS }) };
  const [asked] = stepForm(state, submit('k1'));
  const [refused] = stepForm(asked, posted({ kind: 'problem', code: 'unavailable', retryAfterMs: 0 }, askOf(asked)));
  const [back] = stepForm(refused, { kind: 'again' });
  expect(back.scene).toBe('editing');
  expect(stepForm(back, submit('k2'))[0].ask?.key).toBe('k1');
  const later = stepForm(stepForm(back, { kind: 'edit', change: { at: SLOTS[0] ?? '' } })[0], submit('k2'));
  expect(later[0].ask?.key).toBe('k2');
});

test('another department has other hours', () => {
  const [state, effect] = stepForm(edited({ typed: GERMAN }), { kind: 'edit', change: { department: 'sales' } });
  expect(effect).toEqual({ kind: 'load_site' });
  expect(bodyOf(stepForm(state, submit('k1')))).toMatchObject({ department: 'sales' });
});

test('a view that comes while a call is followed does not disturb it', () => {
  const [waiting] = stepForm(sent(), posted({ kind: 'ok', value: ACCEPTED }));
  expect(stepForm(waiting, { kind: 'site', view: { ...VIEW, open: false }, country: '' })[0].scene).toBe('waiting');
});

test('no message throws or loses what was typed, whatever the scene', () => {
  const call = stepForm(sent(), posted({ kind: 'ok', value: ACCEPTED }))[0].call;
  const view: CallView = { id: 'call-1', state: 'done', pollAfterMs: 0, final: true };
  const messages: Message[] = [
    submit('k9'),
    { kind: 'site', view: VIEW, country: '' },
    posted({ kind: 'unreachable' }),
    { kind: 'heard', id: 'call-1', answer: { kind: 'ok', value: view }, now: NOW },
    { kind: 'cancel_heard', id: 'call-1', answer: { kind: 'unreachable' }, now: NOW },
    { kind: 'cancel' },
    { kind: 'again' },
  ];
  const scenes = ['editing', 'sending', 'waiting', 'calling', 'talking', 'done', 'missed', 'failed', 'cancelled', 'doubtful'] as const;
  for (const scene of [...scenes, 'number_refused', 'rate_limited', 'closed', 'unavailable', 'offline', 'unreachable'] as const) {
    for (const message of messages) {
      const [next] = stepForm({ ...edited({ typed: GERMAN }), scene, call }, message);
      expect(next.fields.typed).toBe(GERMAN);
      // Only a form that can be edited, or a request by hand, is ever sent.
      if (next.scene === 'sending' && scene !== 'sending')
        expect([isAsking({ ...next, scene }), next.ask]).toEqual([true, expect.anything()]);
    }
  }
});

function edited(fields: Partial<FormState['fields']> = {}, view = VIEW): FormState {
  const state = emptyForm('DE', '');
  return { ...state, view, fields: { ...state.fields, ...fields } };
}

function submit(key: string): Message {
  return { kind: 'submit', key, rest: { site: 'shop', locale: 'en' } };
}

function sent(): FormState {
  return stepForm(edited({ typed: GERMAN }), submit('k1'))[0];
}

function askOf({ ask }: FormState): Ask {
  if (!ask) throw new Error('nothing was asked');
  return ask;
}

function posted(answer: Answer<CallAccepted>, ask = askOf(sent())): Message & { kind: 'posted' } {
  return { kind: 'posted', ask, answer, isOnline: true, now: NOW };
}

function unreachable(state: FormState, isOnline = true): Step {
  return stepForm(state, { ...posted({ kind: 'unreachable' }, askOf(state)), isOnline });
}

function answered(code: ProblemCode, retryAfterMs = 0): Step {
  return stepForm(sent(), posted({ kind: 'problem', code, retryAfterMs }));
}

function bodyOf([, effect]: Step): unknown {
  return effect?.kind === 'post' ? JSON.parse(effect.ask.body) : undefined;
}
