/**
 * A relay between a portal whose own form asks for calls and another provider's telephones, without a network. What counts is who was
 * rung, and what stands in the portal afterwards.
 */
import type { SiteConfig } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import { makeCards } from '../follow-ups/make-cards.ts';
import type { LogEntry } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import { bitrix24App } from '../providers/bitrix24/bitrix24-app.ts';
import { type Relay, relay } from '../relay.ts';
import type { Call } from '../store/call.ts';
import type { Message } from '../store/message.ts';
import { sealedCredentials } from '../store/sealed-credentials.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { vault } from '../store/vault.ts';
import { applicationWorld, CLIENT_ID, CLIENT_SECRET, RELAY_ORIGIN } from './bitrix24/application-world.ts';
import { type Bitrix24Portal, bitrix24Portal } from './bitrix24/portal.ts';
import { askByForm, type FormRequest } from './bitrix24/portal-form.ts';
import { exampleSite, USUAL_LIMITS } from './example-site.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

export interface BridgedRelay {
  readonly clock: FakeClock;
  readonly store: Store;
  /** Whose form asks, and in whose CRM the calls stand. */
  readonly portal: Bitrix24Portal;
  /** Whose telephones ring. */
  readonly switchboard: Bitrix24Portal;
  readonly entries: readonly LogEntry[];
  /** While true the store does not take what became of a message, as if the process had died before it was written down. */
  losesSettlements: boolean;
  /** Somebody fills in the portal's form. Answers what was delivered. */
  askByForm(request?: Partial<FormRequest>): Promise<string>;
  /** Posts to the relay what anybody may have copied or made up. */
  deliver(body: string, contentType?: string): Promise<number>;
  /** As a visitor of the site's own page. */
  askByPage(phone: string): Promise<number>;
  /** Lets time pass, with a look at what is due every second. */
  pass(ms: number): Promise<void>;
  /** Those to `VISITOR`, newest first. */
  calls(): Promise<Call[]>;
  messages(kind: Message['kind']): Promise<Message[]>;
  close(): Promise<void>;
}

export const VISITOR = '+4915123456789';
export const PORTAL_USER = 7;
const ACCOUNT = 'portal';
const SECRET = new Uint8Array(32).fill(9);
const TOKEN = 'an-application-token';
const INSTALL = `${RELAY_ORIGIN}/install`;
const FORM = 'application/x-www-form-urlencoded';

/** `site`: over one that is open, has a bridge, and tells a channel that nobody reads. */
export async function bridgedRelay(site: Partial<SiteConfig> = {}): Promise<BridgedRelay> {
  const clock = fakeClock();
  const inner = sqliteStore({ path: ':memory:', clock });
  const entries: LogEntry[] = [];
  const toRelay: typeof fetch = async (input, init) => answer(new Request(input, init));
  const world = applicationWorld({
    clock,
    relay: (request) => answer(request),
    portal: { userIds: ['1', String(PORTAL_USER)], lines: { own: 'Own line' } },
  });
  const { portal } = world;
  const switchboard = bitrix24Portal({
    clock,
    userId: '1',
    webhookSecret: 'pbx',
    lines: { reg1332: 'Office' },
    events: { url: () => `${RELAY_ORIGIN}${running.eventPath('pbx')}`, token: TOKEN, fetch: toRelay },
  });
  const application = bitrix24App({
    name: ACCOUNT,
    clientId: CLIENT_ID,
    clientSecret: new Secret(CLIENT_SECRET),
    credentials: sealedCredentials(inner, vault(SECRET)),
    fetch: world.fetch,
    clock,
    log: (entry) => entries.push(entry),
  });
  const pbx = bitrix24({
    name: 'pbx',
    webhookUrl: new Secret(`https://pbx.example${switchboard.webhookPath}`),
    eventToken: new Secret(TOKEN),
    fetch: askIn(switchboard),
    clock,
  });
  const sites = new Map([['default', exampleSite({ provider: 'pbx', channels: ['crm'], bridge: bridgeOf(), ...site })]]);
  const store: Store = {
    ...inner,
    settleMessage: async (id, fence, change) => (rig.losesSettlements ? false : inner.settleMessage(id, fence, change)),
  };
  const running: Relay = relay({
    config: {
      demo: false,
      ownPage: false,
      sites,
      limits: USUAL_LIMITS,
      budget: { perDay: 1_000, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      notify: ['crm'],
    },
    store,
    providers: new Map([
      [ACCOUNT, application.provider],
      ['pbx', pbx],
    ]),
    cards: makeCards(sites, new Map([[ACCOUNT, { bitrix24: application.client }]]), clock),
    secret: SECRET,
    clock,
    log: (entry) => entries.push(entry),
    random: () => 0,
    version: '0.0.0',
  });

  async function answer(request: Request): Promise<Response> {
    if (request.url !== INSTALL) return running.fetch(request, { address: '198.51.100.1' });
    const contentType = request.headers.get('content-type') ?? '';
    const eventAddress = RELAY_ORIGIN + running.eventPath(ACCOUNT);
    return Response.json(await application.installer.receive({ contentType, body: await request.text(), eventAddress }));
  }

  await world.application.install(INSTALL);

  const rig: BridgedRelay = {
    clock,
    store,
    portal,
    switchboard,
    entries,
    losesSettlements: false,
    async askByForm(request = {}) {
      const [body] = await askByForm({ number: VISITOR, ...request }, { application: world.application, crm: portal.crm });
      if (body === undefined) throw new Error('The form told nobody.');
      return body;
    },
    async deliver(body, contentType = FORM) {
      const init = { method: 'POST', headers: { 'Content-Type': contentType }, body };
      return (await toRelay(`${RELAY_ORIGIN}${running.eventPath(ACCOUNT)}`, init)).status;
    },
    async askByPage(phone) {
      const headers = { origin: 'https://shop.example', 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
      const body = JSON.stringify({ site: 'default', phone });
      return (await toRelay(`${RELAY_ORIGIN}/v1/calls`, { method: 'POST', headers, body })).status;
    },
    async pass(ms) {
      for (const until = clock.now() + ms; clock.now() < until; ) {
        await running.begin();
        await clock.advance(Math.min(1_000, until - clock.now()));
      }
    },
    async calls() {
      return store.findByNumber(vault(SECRET).keysOf('number', VISITOR), 0);
    },
    async messages(kind) {
      return (await store.listMessages({}, 100)).filter((message) => message.kind === kind);
    },
    close: () => running.close(),
  };
  return rig;
}

export function bridgeOf(changes: Partial<NonNullable<SiteConfig['bridge']>> = {}): SiteConfig['bridge'] {
  return { portal: ACCOUNT, externalLine: undefined, userId: PORTAL_USER, ...changes };
}

function askIn(portal: Bitrix24Portal): typeof fetch {
  return async (input, init) => portal.app.fetch(new Request(input, init));
}
