/** A whole relay that is installed in a portal: through its own routes, from the installation to who is rung. */
import { expect, onTestFinished, test } from 'vitest';
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { bitrix24App } from '../providers/bitrix24/bitrix24-app.ts';
import { BOUND_EVENTS } from '../providers/bitrix24/bitrix24-app-bindings.ts';
import { type Relay, relay } from '../relay.ts';
import { applicationWorld, CLIENT_ID, CLIENT_SECRET, MEMBER_ID, RELAY_ORIGIN } from '../simulators/bitrix24/application-world.ts';
import { exampleSite, USUAL_LIMITS } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { sealedCredentials } from '../store/sealed-credentials.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import { vault } from '../store/vault.ts';
import { installPathOf } from './install-routes.ts';

const SECRET = new Uint8Array(32).fill(5);
const MANY = [{ max: 10_000, perMs: 3_600_000 }];
const FORM = 'application/x-www-form-urlencoded';

function open(site: Partial<SiteConfig> = {}) {
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const world = applicationWorld({ clock, relay: (request) => ask(request), portal: { burst: 1_000 } });
  const { provider, installer } = bitrix24App({
    name: 'crm',
    clientId: CLIENT_ID,
    clientSecret: new Secret(CLIENT_SECRET),
    credentials: sealedCredentials(store, vault(SECRET)),
    fetch: world.fetch,
    clock,
    log: () => {},
  });
  const given: SiteConfig = exampleSite({
    provider: 'crm',
    line: 'reg151083',
    channels: ['post'],
    concurrency: 100,
    proof: { mode: 'off', prover: { kind: 'pow' } },
    ...site,
  });
  const running: Relay = relay({
    config: {
      demo: false,
      ownPage: false,
      sites: new Map([['default', given]]),
      limits: {
        ...USUAL_LIMITS,
        source: MANY,
        sourceSoft: [],
        sourceNumbers: MANY,
        sourceNumbersSoft: [],
        site: MANY,
        deployment: MANY,
        shield: MANY,
      },
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      notify: ['post'],
    },
    store,
    providers: new Map([['crm', provider]]),
    installers: new Map([['crm', installer]]),
    secret: SECRET,
    clock,
    log: () => {},
    random: () => 0,
    version: '0.0.0',
  });
  onTestFinished(() => running.close());

  async function ask(request: Request): Promise<Response> {
    return running.fetch(request, { address: '198.51.100.1' });
  }

  return {
    clock,
    store,
    world,
    running,
    installUrl: RELAY_ORIGIN + installPathOf('crm', vault(SECRET)),
    post: (path: string, body: string) =>
      ask(new Request(RELAY_ORIGIN + path, { method: 'POST', headers: { 'Content-Type': FORM }, body })),
    async askForCall(phone: string): Promise<string> {
      const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const body = JSON.stringify({ site: 'default', phone });
      const response = await ask(new Request(`${RELAY_ORIGIN}/v1/calls`, { method: 'POST', headers, body }));
      expect(response.status).toBe(202);
      return ((await response.json()) as { id: string }).id;
    },
    /** Lets time pass, with a look at what is due every second. */
    async pass(ms: number) {
      for (const until = clock.now() + ms; clock.now() < until; ) {
        await running.begin();
        await clock.advance(1_000);
      }
    },
  };
}

const numberOf = (index: number) => `+49151234500${String(index).padStart(2, '0')}`;

test('fifty calls that are due at once and a token that has expired: one renewal, fifty people are rung once', async () => {
  const rig = open();
  expect((await rig.world.application.install(rig.installUrl)).status).toBe(204);
  for (let index = 0; index < 50; index++) await rig.askForCall(numberOf(index));
  rig.world.oauth.expireAll();
  await rig.pass(60_000);

  expect(rig.world.oauth.exchanges.map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
  const rung = rig.world.portal.telephones.dials.map(({ number }) => number).sort();
  expect(rung).toEqual(Array.from({ length: 50 }, (_, index) => numberOf(index)));
});

test('what the portal reports by the events that were bound moves the call, and somebody else’s report does not', async () => {
  const rig = open();
  await rig.world.application.install(rig.installUrl);
  const id = await rig.askForCall(numberOf(1));
  await rig.pass(2_000);
  const [dial] = rig.world.portal.telephones.dials;
  const forged = new URLSearchParams({
    event: 'ONVOXIMPLANTCALLEND',
    'data[CALL_ID]': dial?.callId ?? '',
    'data[CALL_FAILED_CODE]': '200',
    'data[CALL_DURATION]': '60',
    'auth[member_id]': MEMBER_ID,
    'auth[application_token]': 'guessed',
  });
  expect((await rig.post(rig.running.eventPath('crm'), forged.toString())).status).toBe(403);
  expect(await rig.store.find(id)).toMatchObject({ state: 'placed', step: 'agent_ringing' });
  rig.world.portal.telephones.hangUp('agent', dial?.callId ?? '');
  await rig.pass(2_000);
  expect(await rig.store.find(id)).toMatchObject({ state: 'missed' });
});

test('events that cannot be bound again after an update: the operator is told once, and they are bound as soon as they can be', async () => {
  const rig = open();
  await rig.world.application.install(rig.installUrl);
  rig.world.portal.misbehave('event.get', { kind: 'error', name: 'tooManyRequests' }, 4);
  await rig.world.application.update();
  await rig.pass(20 * 60_000);
  expect(rig.world.application.bindings).toHaveLength(BOUND_EVENTS.length);
  const notices = (await rig.store.listMessages({}, 10)).map(({ topic, text }) => [topic, text]);
  expect(notices).toEqual([['provider:crm:events_unbound', expect.stringContaining('The portal does not report')]]);
});

test('an installation that has died: calls end at once with a lead, and the operator is told what to do, once', async () => {
  const rig = open();
  await rig.world.application.install(rig.installUrl);
  rig.world.oauth.revoke(MEMBER_ID);
  const ids = [await rig.askForCall(numberOf(1)), await rig.askForCall(numberOf(2))];
  await rig.pass(5_000);

  for (const id of ids) expect(await rig.store.find(id)).toMatchObject({ state: 'refused', fault: 'application_dead' });
  const messages = await rig.store.listMessages({}, 10);
  expect(messages.filter(({ kind }) => kind === 'lead')).toHaveLength(2);
  expect(messages.filter(({ kind }) => kind === 'notice')).toMatchObject([
    { topic: 'provider:crm:application_dead:default:reg151083', text: expect.stringContaining('Open the application in the portal once') },
  ]);
  expect(rig.world.portal.telephones.dials).toEqual([]);
  expect(rig.world.oauth.exchanges.map(({ outcome }) => outcome)).toEqual(['granted', 'invalid_grant']);
});
