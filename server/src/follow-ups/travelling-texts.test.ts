/** Whatever a stranger writes into whichever field: it does no harm in any order, letter, entry of a CRM or log that comes of it. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import { parseWebhookUrl } from '../providers/bitrix24/webhook-url.ts';
import { makeAccounts, providersOf } from '../providers/registry.ts';
import { type Relay, relay } from '../relay.ts';
import { type Bitrix24Portal, bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { type FakeClock, fakeClock } from '../simulators/fake-clock.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Mail } from './mail-transport.ts';
import { makeChannels } from './make-channels.ts';

const SECOND_MS = 1_000;
const ORIGIN = 'https://shop.example';
const HOOK = 'https://hook.example/take';

/** None of it stands in a text of ours. */
const HARMFUL = [
  /\$\s*\p{L}+\s*\(/u,
  /@\{/,
  /<\/?(?:speak|audio|break|img)/i,
  /^X-Injected/m,
  /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\u3164]/,
  new RegExp(String.fromCharCode(0x1b)),
];
/** What one reader alone makes something of. */
const HARMFUL_TO: Readonly<Record<string, RegExp>> = { crm: /[[\]]|<(?!br>)/ };

/** `harmless` shows that a text of this field would get there at all. */
const TEXTS = {
  harmless: 'Chairs',
  'a variable of a provider': '$cv(SECRET)',
  'the same in full width': '＄ｃｖ（SECRET）',
  'the same behind what is not seen': '$\u202Ecv\u2060(SECRET)',
  'an extension of a provider': '@{ext}',
  SSML: '<speak><audio src="https://evil.example/a.mp3"/><break time="9s"/></speak>',
  'SSML in full width': '＜speak＞＜break time="9s"/＞',
  markup: '<img src=x onerror=alert(1)>',
  'BB code': '[url=https://evil.example]here[/url] [b]x[/b]',
  'a new line': 'a\r\nX-Injected: 1',
  'a new line as Unicode has it': 'a\u2028X-Injected: 1\u0085X-Injected: 2',
  'an override of the direction': 'a\u202Egnp.exe \u2066b\u2069\u200F',
  'what is not seen': '\u3164\uFEFF',
  'a command of a terminal': '\u001B]8;;https://evil.example\u001B\\here',
};
const FIELDS = ['name', 'url', 'referrer', 'title', 'source', 'medium', 'campaign', 'term', 'content', 'locale', 'department'] as const;
type Field = (typeof FIELDS)[number];

let clock: FakeClock;
let running: Relay;
let portal: Bitrix24Portal;
/** By where it went: each value as its reader has it. */
let sent: Map<string, string[]>;

beforeEach(() => {
  clock = fakeClock();
  sent = new Map();
});

afterEach(() => running.close());

function note(sink: string, value: unknown): void {
  sent.set(sink, [...(sent.get(sink) ?? []), ...textsIn(value)]);
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]) : [];
}

const send: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const { pathname, hostname } = new URL(request.url);
  const body = await request.clone().text();
  if (pathname.includes('oauth')) return Response.json({ access_token: 'token', token_type: 'Bearer', expires_in: 3_600 });
  note(sinkOf(hostname, pathname), read(body));
  if (hostname === 'hook.example') return new Response('');
  return hostname === 'pbx.example' ? Response.json({ message: 'no' }, { status: 400 }) : portal.app.fetch(request);
};

function sinkOf(hostname: string, pathname: string): string {
  if (hostname !== '127.0.0.1') return hostname;
  return pathname.includes('voximplant') ? 'portal' : 'crm';
}

function read(body: string): unknown {
  return /^[{[]/.test(body) ? JSON.parse(body) : Object.fromEntries(new URLSearchParams(body));
}

function start(provider: 'bitrix24' | 'telphin'): void {
  portal = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: 'portal-s3cret',
    lines: { reg1332: 'Sales' },
    scopes: ['telephony', 'call', 'crm', 'im'],
  });
  const webhookUrl = new Secret(`http://127.0.0.1${portal.webhookPath}`);
  const parsed = parseWebhookUrl(webhookUrl.reveal());
  if (!parsed.ok) throw new Error(parsed.fault);
  const client = bitrix24Client({ webhook: parsed.webhook, fetch: send, clock });
  const accounts = makeAccounts(
    new Map([
      ['bitrix24', { type: 'bitrix24', webhookUrl, eventToken: undefined }],
      ['telphin', { type: 'telphin', host: 'https://pbx.example', appId: 'app', appSecret: new Secret('app-s3cret') }],
    ]),
    {
      fetch: send,
      pacedFetch: send,
      clock,
      log: () => {},
      credentials: { read: async () => undefined, swap: async () => true },
      eventPathOf: (account) => `/events/${account}/s3cret`,
    },
  );
  const channels = makeChannels(
    {
      channels: new Map([
        ['crm', { type: 'bitrix24_crm', provider: 'bitrix24', responsibleId: 1 }],
        ['hook', { type: 'webhook', url: new Secret(HOOK), secret: new Secret(`whsec_${btoa('canary-signing-secret-32-bytes!!')}`) }],
        ['mail', { type: 'email', server: new Secret('smtp://x'), from: 'relay@shop.example', to: ['sales@shop.example'] }],
      ]),
      language: 'en',
    },
    { fetch: send, clock, portals: new Map([['bitrix24', { bitrix24: client }]]), makeMailTransport: () => mailTransport },
  );
  const site = exampleSite({
    provider,
    line: provider === 'telphin' ? '101' : 'reg1332',
    telphin: { srcNum: ['101'] },
    announcement: 'A call for {name}.',
    speakName: true,
    channels: [...channels.keys()],
  });
  running = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', site]]),
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
    },
    store: sqliteStore({ path: ':memory:', clock }),
    channels,
    providers: providersOf(accounts),
    secret: new Uint8Array(32).fill(9),
    clock,
    log: (entry: LogEntry) => note('log', entry),
    random: () => 0.5,
    version: '0.0.0',
  });
}

const mailTransport = {
  async send({ subject, text }: Mail) {
    // Its own lines are ours; what stands in one came from one field.
    note('mail', [subject, ...text.split('\n')]);
    return { kind: 'sent' as const };
  },
  verify: async () => ({ kind: 'sent' as const }),
};

/** Lets a call be asked for, be dialled in vain, and be told of. */
async function ask(fields: Partial<Record<Field, string>>): Promise<number> {
  const { name, locale, department, url, referrer, title, ...utm } = fields;
  const body = { site: 'default', phone: '0151 23456789', name, locale, department, page: { url, referrer, title, utm } };
  const headers = { origin: ORIGIN, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
  const request = new Request('https://relay.example/v1/calls', { method: 'POST', headers, body: JSON.stringify(body) });
  const { status } = await running.fetch(request, { address: '203.0.113.7' });
  for (let round = 0; round < 60; round++) {
    const work = running.drain();
    await clock.advance(0);
    await work;
    await clock.advance(10 * SECOND_MS);
  }
  return status;
}

const inAddress = (text: string) => `https://shop.example/${text}?q=${text}#${text}`;
const fill = (field: Field, text: string) =>
  (field === 'url' || field === 'referrer' ? inAddress(text) : text).slice(0, field === 'locale' ? 35 : 100);

/** In any width: a reader may make one of the other. */
function expectHarmless(text: string, sink: string): void {
  for (const harm of HARMFUL) expect(text.normalize('NFKC'), sink).not.toMatch(harm);
  expect(text, sink).not.toMatch(HARMFUL_TO[sink] ?? /(?!)/);
}

describe.each(['bitrix24', 'telphin'] as const)('by %s', (provider) => {
  test('what is harmless gets everywhere', async () => {
    start(provider);
    const travelling = FIELDS.filter((field) => field !== 'locale' && field !== 'department');
    expect(await ask(Object.fromEntries(travelling.map((field) => [field, fill(field, `Chairs ${field}`)])))).toBe(202);
    const sinks = Object.fromEntries([...sent].map(([sink, texts]) => [sink, texts.join('\n')]));
    const [order = ''] = provider === 'bitrix24' ? [sinks.portal] : [sinks['pbx.example']];
    expect(order).toContain(provider === 'bitrix24' ? 'A call for Chairs name.' : '4915123456789');
    for (const sink of ['crm', 'hook.example', 'mail']) {
      for (const field of ['name', 'title', 'source', 'campaign', 'content']) expect(sinks[sink]).toContain(`Chairs ${field}`);
      expect(sinks[sink]).toContain('https://shop.example/Chairs%20url');
    }
    expect(sinks.log).not.toContain('Chairs');
  });

  test.each(Object.entries(TEXTS))('%s', async (_, text) => {
    start(provider);
    const everywhere = FIELDS.filter((field) => field !== 'department' && !(field === 'name' && text.length > 40));
    expect(await ask(Object.fromEntries(everywhere.map((field) => [field, fill(field, text)])))).toBe(202);
    expect([...sent.keys()].sort()).toEqual(
      ['crm', 'hook.example', 'log', 'mail', provider === 'bitrix24' ? 'portal' : 'pbx.example'].sort(),
    );
    for (const [sink, texts] of sent) {
      for (const each of texts) expectHarmless(each, sink);
    }
  });

  test.each(Object.entries(TEXTS))('%s is no department', async (_, text) => {
    start(provider);
    expect(await ask({ department: text.slice(0, 64) })).toBe(400);
    expect([...sent.keys()]).toEqual(['log']);
    for (const each of sent.get('log') ?? []) expectHarmless(each, 'log');
  });
});
