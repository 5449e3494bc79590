/** Puts a simulated portal on a loopback port of Node, so that whoever calls it goes through real sockets. */
import { serve } from '@hono/node-server';
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
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: portal.app.fetch, hostname: '127.0.0.1', port, overrideGlobalObjects: false }, (address) => {
      const url = `http://127.0.0.1:${address.port}`;
      resolve({
        url,
        webhookUrl: url + portal.webhookPath,
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
