import { expect, test } from 'vitest';
import type { Admission } from '../admission/admit-call.ts';
import type { Bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import { answerAtDesk, type RelayDesk } from './relay-desk.ts';

const WORKS = { ok: true, code: 'works', message: 'It works.' };
const NOW = 1_800_000_000_000;

function deskWith(admission?: Admission) {
  const asked: unknown[] = [];
  const portal: Bitrix24Client = {
    async call(method) {
      asked.push(method);
      return { kind: 'result', result: [], operatingResetAt: undefined };
    },
  };
  const desk: RelayDesk = {
    relay: {
      async askByHand(what) {
        asked.push(what);
        return admission;
      },
      cancel: async () => undefined,
      hangUp: async () => ({ kind: 'unknown_call' }),
    },
    store: { find: async () => undefined },
    accounts: () => new Map([['app', { provider: { verify: async () => [WORKS] }, bitrix24: portal }]]),
    report: () => ({ startedAt: NOW, url: 'http://localhost:8787', sightings: [], paused: false, pausedSites: [] }),
    now: () => NOW,
  };
  return { desk, asked };
}

const call = (until: number) => ({ kind: 'call', number: '+4915112345678', site: 'shop', until }) as const;

test('nobody is rung for an order that was left lying about', async () => {
  const { desk, asked } = deskWith();
  expect(await answerAtDesk('order', call(NOW - 1), desk)).toEqual({ kind: 'too_late' });
  expect(asked).toEqual([]);
});

test('the order is the call’s key, so that it is one call however often it is carried out', async () => {
  const { desk, asked } = deskWith({ kind: 'problem', code: 'closed', opensAt: NOW + 1 });
  expect(await answerAtDesk('order', call(NOW), desk)).toEqual({ kind: 'refused', code: 'closed', opensAt: NOW + 1 });
  expect(asked).toEqual([{ site: 'shop', number: '+4915112345678', key: 'order' }]);
  expect(await answerAtDesk('order', call(NOW), deskWith().desk)).toEqual({ kind: 'refused', code: 'unknown_site' });
});

test('a portal is asked to look and to keep its lines, and never to ring', async () => {
  const { desk, asked } = deskWith();
  const ask = (account: string, method: string) => answerAtDesk('order', { kind: 'ask_portal', account, method, params: {} }, desk);
  expect(await ask('app', 'voximplant.line.get')).toMatchObject({ kind: 'result' });
  expect(await ask('app', 'telephony.externalLine.add')).toMatchObject({ kind: 'result' });
  expect(await ask('other', 'scope')).toMatchObject({ kind: 'refused' });
  for (const method of ['voximplant.callback.start', 'voximplant.infocall.startwithtext', 'telephony.externalCall.register', 'batch']) {
    expect(await ask('app', method), method).toMatchObject({ kind: 'refused' });
  }
  expect(asked).toEqual(['voximplant.line.get', 'telephony.externalLine.add']);
});

test('what stands in the way of an account, the relay itself finds', async () => {
  const { desk } = deskWith();
  const verify = (account: string) => answerAtDesk('order', { kind: 'verify', account, line: 'reg1' }, desk);
  expect(await verify('app')).toEqual([WORKS]);
  expect(await verify('other')).toMatchObject([{ ok: false, code: 'not_at_this_relay' }]);
});

test('of a call that is not there, nothing is told', async () => {
  const { desk } = deskWith();
  expect(await answerAtDesk('order', { kind: 'view_call', id: 'none' }, desk)).toBeNull();
  expect(await answerAtDesk('order', { kind: 'cancel_call', id: 'none' }, desk)).toBeNull();
});
