import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { switchboard } from '../bitrix24/switchboard.ts';
import type { Telephones } from '../bitrix24/telephones.ts';
import { fakeClock } from '../fake-clock.ts';
import { demoApp, type Snapshot } from './demo-app.ts';
import { happenings } from './happenings.ts';

const ANNOUNCEMENT_MS = 4_000;
const ORIGIN = { Host: '127.0.0.1:8787', 'Sec-Fetch-Site': 'same-origin' };

function setUp() {
  const clock = fakeClock();
  const feed = happenings(clock);
  let listening = 0;
  const board = switchboard({ clock, ringMs: 30_000, announcementMs: ANNOUNCEMENT_MS });
  const telephones: Telephones = {
    get dials() {
      return board.dials;
    },
    answer: board.answer,
    hangUp: board.hangUp,
    onChange(listener) {
      listening += 1;
      const leave = board.onChange(listener);
      return () => {
        listening -= 1;
        leave();
      };
    },
  };
  const ring = (callId: string) =>
    board.dial({ callId, line: 'reg1332', number: '+4915123456789', announcement: 'Connecting you now.', voice: undefined });
  const app = demoApp({ telephones, happenings: feed, line: 'reg<1>', clock, scriptPath: '/a.js?"x"' });
  const press = (path: string, body: unknown, headers: Record<string, string> = ORIGIN) =>
    app.request(`/demo/phones/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { app, clock, feed, press, ring, telephones, countListeners: () => listening };
}

/** Reads a stream event by event. */
function readEvents(response: Response) {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  return {
    async next() {
      const text = new TextDecoder().decode((await reader.read()).value);
      const [, event, data] = /^event: (.*)\ndata: (.*)\n\n$/.exec(text) ?? [];
      return { event, data: JSON.parse(data ?? 'null') };
    },
    leave: () => reader.cancel(),
  };
}

test('the page, the shop and everything they name are served under a strict policy', async () => {
  const { app } = setUp();
  for (const path of ['/', '/demo/shop']) {
    const response = await app.request(path);
    expect(response.status).toBe(200);
    const policy = response.headers.get('Content-Security-Policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    const html = await response.text();
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|\{\{/);
    const named = [...html.matchAll(/(?:src|href)="(\/demo\/[^"]+)"/g)].map(([, found]) => found as string);
    expect(named.length).toBeGreaterThan(0);
    for (const asset of named) expect((await app.request(asset)).status, asset).toBe(200);
  }
});

test('every module that the page imports is served as JavaScript', async () => {
  const { app } = setUp();
  const source = await (await app.request('/demo/page.js')).text();
  const imported = [...source.matchAll(/from '\.\/([\w-]+\.js)'/g)].map(([, file]) => file);
  expect(imported.sort()).toEqual(['event-log.js', 'phone.js', 'sound.js']);
  for (const file of imported) {
    expect((await app.request(`/demo/${file}`)).headers.get('Content-Type')).toBe('text/javascript; charset=utf-8');
  }
});

test('the shop carries the one script tag, whatever the path of the script', async () => {
  const { app } = setUp();
  expect(await (await app.request('/demo/shop')).text()).toContain(
    '<script src="/a.js?&#34;x&#34;" data-site="default" data-country="DE" async></script>',
  );
  expect(await (await app.request('/')).text()).toContain('line reg&#60;1&#62;');
});

test('a route beside the demo keeps its own headers', async () => {
  const { app } = setUp();
  const whole = new Hono().route('/', app).get('/v1/calls', (context) => context.json({}, 200, { 'Cache-Control': 'max-age=9' }));
  const { headers } = await whole.request('/v1/calls');
  expect(headers.get('Cache-Control')).toBe('max-age=9');
  expect(headers.get('Content-Security-Policy')).toBeNull();
});

test('a stream starts with everything so far and goes on with what changes', async () => {
  const { app, clock, feed, ring, telephones } = setUp();
  feed.say('page', 'POST /v1/calls → 202 waiting');
  ring('callback.1');
  const events = readEvents(await app.request('/demo/events'));
  const first = await events.next();
  const snapshot: Snapshot = first.data;
  expect(first.event).toBe('snapshot');
  expect(snapshot).toMatchObject({ now: clock.now(), stage: { callId: 'callback.1', act: 'agent' } });
  expect(snapshot.happenings.map(({ text }) => text)).toEqual(['POST /v1/calls → 202 waiting', "agent's phone rings"]);

  telephones.answer('agent', 'callback.1');
  const [said, staged] = [await events.next(), await events.next()];
  expect(said).toMatchObject({ event: 'said', data: { who: 'phone', text: 'agent answered; announcement spoken' } });
  expect(staged).toMatchObject({ event: 'stage', data: { announcement: 'Connecting you now.' } });
});

test('a stream that is left behind listens to nothing', async () => {
  const { app, countListeners } = setUp();
  const before = countListeners();
  const events = readEvents(await app.request('/demo/events'));
  expect(countListeners()).toBe(before + 1);
  await events.leave();
  expect(countListeners()).toBe(before);
});

test('both telephones are answered from the page, in turn', async () => {
  const { press, ring, clock, telephones, feed } = setUp();
  ring('callback.1');
  expect((await press('agent/answer', { callId: 'callback.1' })).status).toBe(204);
  await clock.advance(ANNOUNCEMENT_MS);
  expect((await press('visitor/answer', { callId: 'callback.1' })).status).toBe(204);
  expect(telephones.dials[0]).toMatchObject({ agent: 'talking', visitor: 'talking' });
  expect(feed.since(0).map(({ text }) => text)).toEqual([
    "agent's phone rings",
    'agent answered; announcement spoken',
    "visitor's phone rings",
    'both are talking',
  ]);
});

test('declining ends the call', async () => {
  const { press, ring, telephones } = setUp();
  ring('callback.1');
  expect((await press('agent/hang-up', { callId: 'callback.1' })).status).toBe(204);
  expect(telephones.dials[0]).toMatchObject({ agent: 'declined', visitor: 'waiting' });
});

test('a telephone that does not ring cannot be answered', async () => {
  const { press, ring } = setUp();
  ring('callback.1');
  expect((await press('visitor/answer', { callId: 'callback.1' })).status).toBe(409);
  expect((await press('agent/answer', { callId: 'callback.unknown' })).status).toBe(409);
});

test('another site cannot pick up the telephones', async () => {
  const { press, ring, telephones } = setUp();
  ring('callback.1');
  for (const foreign of [
    { ...ORIGIN, 'Sec-Fetch-Site': 'cross-site' },
    { Host: ORIGIN.Host, Origin: 'https://evil.example' },
  ]) {
    expect((await press('agent/answer', { callId: 'callback.1' }, foreign)).status).toBe(403);
  }
  expect(telephones.dials[0]?.agent).toBe('ringing');
});

test.each([
  ['agent/answer', { callId: 7 }, 400],
  ['agent/answer', { callId: 'callback.1', more: true }, 400],
  ['agent/answer', 'x'.repeat(2_000), 413],
  ['neighbour/answer', { callId: 'callback.1' }, 404],
  ['agent/explode', { callId: 'callback.1' }, 404],
])('%s with %j is refused', async (path, body, status) => {
  expect((await setUp().press(path, body)).status).toBe(status);
});
