/** The portal's side of an installed application: its tokens, the events that it has bound, and what the portal delivers to it. */
import type { Clock } from '../../clock.ts';
import type { OauthServer, OauthTenant, TokenPair } from './oauth-server.ts';
import type { PortalMethod } from './portal-methods.ts';
import { type Params, readParam } from './portal-params.ts';

export interface PortalApplicationOptions {
  clock: Clock;
  oauth: OauthServer;
  memberId: string;
  applicationToken: string;
  /** `https://<portal>`, as it is now. */
  address: () => string;
  fetch: typeof fetch;
}

export interface Binding {
  readonly event: string;
  readonly handler: string;
}

export interface PortalApplication {
  readonly memberId: string;
  readonly applicationToken: string;
  readonly bindings: readonly Binding[];
  readonly methods: ReadonlyMap<string, PortalMethod>;
  /** What an access token is worth here; undefined: nothing. */
  judge(accessToken: string): 'valid' | 'expired' | undefined;
  /** Delivers `ONAPPINSTALL`, as for an application without pages. */
  install(handler: string, changes?: Readonly<Record<string, string>>): Promise<Response>;
  /** Somebody opens the application's page: the frame is posted to it. */
  open(handler: string, changes?: Readonly<Record<string, string>>): Promise<Response>;
  /** The page has called `BX24.installFinish`. */
  finish(): void;
  /** A new version: what was bound is forgotten, and those who had bound `ONAPPUPDATE` are told, with tokens where theirs changes. */
  update(newApplicationToken?: string): Promise<void>;
  /** What was bound is forgotten, and nobody is told. */
  forget(): void;
  uninstall(clean: boolean): Promise<void>;
  /** Delivers an event to all who have bound it. Answers the bodies, which anybody could repeat. */
  tell(event: string, data: Readonly<Record<string, string>>): Promise<readonly string[]>;
  /** Where the first handler of an event listens. */
  handlerOf(event: string): string | undefined;
}

export function portalApplication(options: PortalApplicationOptions): PortalApplication {
  const { clock, oauth, memberId, address, fetch } = options;
  const tenant: OauthTenant = { memberId, endpoint: () => `${address()}/rest/` };
  let bindings: Binding[] = [];
  let isFinished = false;
  let { applicationToken } = options;

  function post(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return fetch(url, { method: 'POST', headers, body: new URLSearchParams(fields).toString() });
  }

  function describe(event: string, data: Readonly<Record<string, string>>, tokens?: TokenPair): Record<string, string> {
    return {
      event,
      event_handler_id: '1',
      ...Object.fromEntries(Object.entries(data).map(([name, value]) => [`data[${name}]`, value])),
      ts: String(Math.floor(clock.now() / 1000)),
      ...(tokens && {
        'auth[access_token]': tokens.accessToken,
        'auth[refresh_token]': tokens.refreshToken,
        'auth[expires_in]': '3600',
      }),
      'auth[scope]': 'call,telephony',
      'auth[domain]': new URL(address()).host,
      'auth[server_endpoint]': `${oauth.origin}/rest/`,
      'auth[status]': 'L',
      'auth[client_endpoint]': tenant.endpoint(),
      'auth[member_id]': memberId,
      'auth[application_token]': applicationToken,
    };
  }

  function bind(params: Params): ReturnType<PortalMethod['run']> {
    const binding = { event: readParam(params, 'event').toUpperCase(), handler: readParam(params, 'handler') };
    if (bindings.some(({ event, handler }) => event === binding.event && handler === binding.handler)) {
      return { ok: false, error: 'alreadyBound' };
    }
    bindings.push(binding);
    return { ok: true, answer: { result: true } };
  }

  async function tell(event: string, data: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const fields = describe(event, data);
    const handlers = bindings.filter((each) => each.event === event).map(({ handler }) => handler);
    // A delivery that fails is lost, as it is with the portal.
    await Promise.all(handlers.map((handler) => post(handler, fields).catch(() => undefined)));
    return handlers.map(() => new URLSearchParams(fields).toString());
  }

  return {
    memberId,
    get applicationToken() {
      return applicationToken;
    },
    get bindings() {
      return bindings;
    },
    methods: new Map<string, PortalMethod>([
      ['app.info', { scopes: [], applicationOnly: true, costMs: 10, run: () => answer({ ID: 1, INSTALLED: isFinished }) }],
      [
        'event.get',
        { scopes: [], applicationOnly: true, costMs: 10, run: () => answer(bindings.map((each) => ({ ...each, auth_type: '0' }))) },
      ],
      ['event.bind', { scopes: [], applicationOnly: true, costMs: 10, run: bind }],
    ]),
    judge: (accessToken) => oauth.judge(accessToken, memberId),
    install(handler, changes) {
      isFinished = true;
      const data = { VERSION: '1', ACTIVE: 'Y', INSTALLED: 'Y', LANGUAGE_ID: 'en' };
      return post(handler, { ...describe('ONAPPINSTALL', data, oauth.issue(tenant)), ...changes });
    },
    open(handler, changes) {
      const { accessToken, refreshToken } = oauth.issue(tenant);
      const query = new URLSearchParams({ DOMAIN: new URL(address()).host, PROTOCOL: '1', LANG: 'en', APP_SID: 'sid' });
      return post(`${handler}?${query}`, {
        AUTH_ID: accessToken,
        AUTH_EXPIRES: '3600',
        REFRESH_ID: refreshToken,
        SERVER_ENDPOINT: `${oauth.origin}/rest/`,
        APPLICATION_TOKEN: applicationToken,
        member_id: memberId,
        status: 'L',
        PLACEMENT: 'DEFAULT',
        ...changes,
      });
    },
    finish() {
      isFinished = true;
    },
    async update(newApplicationToken) {
      const told = bindings.filter(({ event }) => event === 'ONAPPUPDATE');
      bindings = [];
      applicationToken = newApplicationToken ?? applicationToken;
      const tokens = newApplicationToken === undefined ? undefined : oauth.issue(tenant);
      const fields = describe('ONAPPUPDATE', { VERSION: '2', PREVIOUS_VERSION: '1', LANGUAGE_ID: 'en' }, tokens);
      await Promise.all(told.map(({ handler }) => post(handler, fields)));
    },
    forget() {
      bindings = [];
    },
    async uninstall(clean) {
      oauth.revoke(memberId);
      isFinished = false;
      await tell('ONAPPUNINSTALL', { LANGUAGE_ID: 'en', CLEAN: clean ? '1' : '0' });
      bindings = [];
    },
    tell,
    handlerOf: (event) => bindings.find((each) => each.event === event)?.handler,
  };
}

function answer(result: unknown): { ok: true; answer: { result: unknown } } {
  return { ok: true, answer: { result } };
}
