/** What the relay is told of a whole call, as the host posts it: an end only when the conversation is over. */
import { expect, test } from 'vitest';
import { Secret } from '../../config/secret.ts';
import { fakeClock } from '../../simulators/fake-clock.ts';
import { telphinHost } from '../../simulators/telphin/telphin-host.ts';
import type { EventReading, News } from '../provider.ts';
import { telphin } from './telphin.ts';

const NUMBER = '+4915123456789';

/** A call that was dialled with `srcNum`, and what its events have said so far. */
async function dialled(srcNum: readonly string[]) {
  const clock = fakeClock();
  const bodies: string[] = [];
  const host = telphinHost({
    clock,
    appId: 'a99',
    appSecret: 's3cr3t',
    extensions: { '34535': '12037*341' },
    fetch: async (_, init) => {
      bodies.push(String(init?.body));
      return new Response(null, { status: 204 });
    },
  });
  host.subscribe('34535', 'https://relay.test/events');
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => host.app.fetch(new Request(input, init));
  const provider = telphin({ name: 'main', host: 'https://telphin.test', appId: 'a99', appSecret: new Secret('s3cr3t'), fetch, clock });
  await provider.dial({ line: '34535', number: NUMBER, announcement: '', telphin: { srcNum } });
  const [call] = host.telephones.dials;
  if (call === undefined) throw new Error('Nobody was rung.');
  /** Ends alone, of all that was posted since the last time. */
  const ends = async () => {
    const readings: EventReading[] = [];
    for (const body of bodies.splice(0)) readings.push(await provider.readEvent('application/x-www-form-urlencoded', body));
    return readings.flatMap((reading): News[] =>
      reading.kind === 'event' && reading.event.news.kind === 'end' ? [reading.event.news] : [],
    );
  };
  return { clock, host, callId: call.callId, ends };
}

test.each(['unanswered', 'talked'] as const)('a colleague who is asked during the conversation (%s) does not end it', async (how) => {
  const { clock, host, callId, ends } = await dialled(['341']);
  host.telephones.answer('agent', callId);
  await clock.advance(4_000);
  host.telephones.answer('visitor', callId);
  host.consult(callId, '342', how);
  host.consult(callId, '341', how);
  expect(await ends()).toEqual([]);
  host.telephones.hangUp('visitor', callId);
  expect(await ends()).toEqual([{ kind: 'end', end: 'connected' }]);
});

test('of several telephones that ring at once, those that are not needed end nothing', async () => {
  const { clock, host, callId, ends } = await dialled(['341', '342', '+79261234567']);
  expect(host.answerAs('342', callId)).toBe(true);
  expect(await ends()).toEqual([]);
  await clock.advance(4_000);
  host.telephones.hangUp('visitor', callId);
  expect(await ends()).toEqual([{ kind: 'end', end: 'missed', fault: 'busy' }]);
});

test('the only agent who lets it ring ends the call, the members of a queue do not', async () => {
  const alone = await dialled(['341']);
  await alone.clock.advance(30_000);
  expect(await alone.ends()).toEqual([{ kind: 'end', end: 'missed', fault: 'agent_not_answered' }]);
  const queue = await dialled(['500']);
  queue.host.consult(queue.callId, '341', 'unanswered');
  expect(await queue.ends()).toEqual([]);
});
