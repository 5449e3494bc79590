/** Puts a simulated portal on a loopback port of Node, so that whoever calls it goes through real sockets. */
import { serve } from '@hono/node-server';
import type { OauthServer } from './oauth-server.ts';
import type { Bitrix24Portal } from './portal.ts';

export interface ServedPortal {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** What an operator would copy from the portal. */
  readonly webhookUrl: string;
  /** Cuts whatever still hangs. */
  close(): Promise<void>;
}

/** `port` 0, the default, takes one that is free. */
export async function servePortal(portal: Bitrix24Portal, port = 0): Promise<ServedPortal> {
  const { url, close } = await serveApp(portal.app, port);
  return { url, webhookUrl: url + portal.webhookPath, close };
}

/** The same for whatever else stands beside a portal, such as its authorisation server. */
export async function serveApp(
  app: { fetch: Bitrix24Portal['app']['fetch'] | OauthServer['app']['fetch'] },
  port = 0,
): Promise<Pick<ServedPortal, 'url' | 'close'>> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port, overrideGlobalObjects: false }, (address) => {
      resolve({
        url: `http://127.0.0.1:${address.port}`,
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
