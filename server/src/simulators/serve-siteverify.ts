/** Puts simulated vendors on a loopback port of Node, for browsers and relays that take them for the real ones. */
import { serve } from '@hono/node-server';
import type { SiteverifySimulator } from './siteverify.ts';

export interface ServedSiteverify {
  /** `http://127.0.0.1:<port>`; paths as at the vendors. */
  readonly url: string;
  close(): Promise<void>;
}

export async function serveSiteverify(simulator: SiteverifySimulator): Promise<ServedSiteverify> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: simulator.app.fetch, hostname: '127.0.0.1', port: 0, overrideGlobalObjects: false }, ({ port }) => {
      resolve({
        url: `http://127.0.0.1:${port}`,
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
