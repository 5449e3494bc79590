/** Puts a simulated host on a loopback port of Node, so that whoever calls it goes through real sockets. */
import { serve } from '@hono/node-server';
import type { TelphinHost } from './telphin-host.ts';

export interface ServedTelphin {
  /** `http://127.0.0.1:<port>`: what an operator sets as the host. */
  readonly url: string;
  /** Cuts whatever still hangs. */
  close(): Promise<void>;
}

/** `port` 0, the default, takes one that is free. */
export async function serveTelphin(host: Pick<TelphinHost, 'app'>, port = 0): Promise<ServedTelphin> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: host.app.fetch, hostname: '127.0.0.1', port, overrideGlobalObjects: false }, (address) => {
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
