/**
 * A portal with an application, and the authorisation server that gives it tokens, on one loopback port of Node. Whoever calls them goes
 * through real sockets, and so does what the portal delivers.
 */
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Clock } from '../../clock.ts';
import { type OauthServer, oauthServer } from './oauth-server.ts';
import { type Bitrix24Portal, type Bitrix24PortalOptions, bitrix24Portal } from './portal.ts';
import { type PortalApplication, portalApplication } from './portal-application.ts';
import { sendEvents } from './portal-events.ts';
import { askByForm, type FormRequest } from './portal-form.ts';

export interface ServedApplicationOptions {
  clock: Clock;
  clientId: string;
  clientSecret: string;
  memberId: string;
  portal?: Partial<Bitrix24PortalOptions>;
}

export interface ServedApplication {
  /** `http://127.0.0.1:<port>`: the authorisation server, as an operator sets it. */
  readonly url: string;
  readonly portal: Bitrix24Portal;
  readonly application: PortalApplication;
  readonly oauth: OauthServer;
  /** Somebody fills in the portal's own form. Answers what was delivered. */
  askByForm(request: FormRequest): Promise<readonly string[]>;
  /** Cuts whatever still hangs. */
  close(): Promise<void>;
}

export function serveApplication(options: ServedApplicationOptions): Promise<ServedApplication> {
  const { clock, clientId, clientSecret, memberId } = options;
  const app = new Hono();

  function furnish(url: string): Omit<ServedApplication, 'close'> {
    const oauth = oauthServer({ clock, origin: url, clientId, clientSecret });
    const application = portalApplication({ clock, oauth, memberId, applicationToken: 't0ken0fth3portal', address: () => url, fetch });
    const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'n0ne', lines: {}, application, ...options.portal });
    const events = { url: () => application.handlerOf('ONVOXIMPLANTCALLEND'), token: application.applicationToken, memberId, fetch };
    sendEvents(portal.telephones, events, clock);
    app.all('/oauth/*', (c) => oauth.app.fetch(c.req.raw));
    app.all('/rest/*', (c) => portal.app.fetch(c.req.raw));
    return { url, portal, application, oauth, askByForm: (request) => askByForm(request, { application, crm: portal.crm }) };
  }

  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false }, (address) => {
      resolve({
        ...furnish(`http://127.0.0.1:${address.port}`),
        close: () =>
          new Promise((closed) => {
            server.close(() => closed());
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      });
    });
    server.once('error', reject);
  });
}
