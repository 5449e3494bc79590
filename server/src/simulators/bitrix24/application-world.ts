/**
 * A portal, the authorisation server and the web between them and a relay, all in this process: requests go by host name, and the
 * portal can be renamed. Whatever goes to a host that nobody has is kept as evidence.
 */
import type { FakeClock } from '../fake-clock.ts';
import { type OauthServer, oauthServer } from './oauth-server.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from './portal.ts';
import { type PortalApplication, portalApplication } from './portal-application.ts';
import { sendEvents } from './portal-events.ts';

export interface ApplicationWorldOptions {
  clock: FakeClock;
  /** Takes what is delivered to anybody but the portal and the authorisation server; nobody when absent. */
  relay?: (request: Request) => Response | Promise<Response>;
  portal?: Partial<Bitrix24PortalOptions>;
}

export interface ApplicationWorld {
  oauth: OauthServer;
  portal: Bitrix24Portal;
  application: PortalApplication;
  fetch: typeof fetch;
  /** From now on the portal has another name, and the old one answers with a redirect. */
  rename(host: string): void;
  /** Addresses outside of Bitrix24 to which something was sent, with what was sent. */
  strangers: { url: string; body: string }[];
}

export const CLIENT_ID = 'local.0123456789abcd.01234567';
export const CLIENT_SECRET = 'c4n4ryc1ientsecret';
export const MEMBER_ID = 'a223c6b9410f85df78e9377d6c4f7213';
export const APPLICATION_TOKEN = 'c4n4ry4pplicationt0ken';
export const RELAY_ORIGIN = 'https://relay.example';

export function applicationWorld({ clock, relay, portal: changes }: ApplicationWorldOptions): ApplicationWorld {
  const oauth = oauthServer({ clock, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET });
  const former = new Set<string>();
  const strangers: { url: string; body: string }[] = [];
  let host = 'acme.bitrix24.com';

  const ask: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    if (url.host === new URL(oauth.origin).host) return oauth.app.fetch(request);
    if (url.host === host) return portal.app.fetch(request);
    if (former.has(url.host)) return new Response(null, { status: 302, headers: { Location: `https://${host}${url.pathname}` } });
    if (url.origin === RELAY_ORIGIN && relay !== undefined) return relay(request);
    strangers.push({ url: request.url, body: await request.text() });
    return new Response(null, { status: 404 });
  };

  const application = portalApplication({
    clock,
    oauth,
    memberId: MEMBER_ID,
    applicationToken: APPLICATION_TOKEN,
    address: () => `https://${host}`,
    fetch: ask,
  });
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'n0ne', lines: { reg151083: 'Office' }, application, ...changes });
  const url = () => application.handlerOf('ONVOXIMPLANTCALLEND');
  sendEvents(portal.telephones, { url, token: APPLICATION_TOKEN, memberId: MEMBER_ID, fetch: ask }, clock);

  return {
    oauth,
    portal,
    application,
    fetch: ask,
    rename(next) {
      former.add(host);
      host = next;
    },
    strangers,
  };
}
