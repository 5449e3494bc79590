import { expect, test } from 'vitest';
import { Secret } from './config/secret.ts';
import { webhookChannel } from './follow-ups/webhook-channel.ts';
import { relay } from './relay.ts';
import { exampleSite, USUAL_LIMITS } from './simulators/example-site.ts';
import { fakeClock } from './simulators/fake-clock.ts';
import { plainProvider } from './simulators/plain-provider.ts';
import { sqliteStore } from './store/sqlite-store.ts';

test('messages go out even where calls cannot be worked through', async () => {
  const clock = fakeClock();
  const store = sqliteStore({ path: ':memory:', clock });
  const told: string[] = [];
  const fetch: typeof globalThis.fetch = async (input) => {
    told.push(String(input));
    return new Response(null, { status: 204 });
  };
  const secret = new Secret(`whsec_${'cmluZ2JhY2s'.repeat(4)}`);
  const url = new Secret('https://desk.example/ringback');
  const running = relay({
    config: {
      sites: new Map([['default', exampleSite({ provider: 'pbx', channels: ['desk'] })]]),
      limits: USUAL_LIMITS,
      demo: false,
      ownPage: false,
      budget: { perDay: 100, timeZone: 'UTC' },
      deniedPrefixes: [],
      paused: false,
      notify: ['desk'],
    },
    store: { ...store, takeDue: () => Promise.reject(new TypeError('a fault of the store')) },
    providers: new Map([['pbx', plainProvider(async () => ({ kind: 'placed', ref: undefined }))]]),
    channels: new Map([['desk', webhookChannel({ name: 'desk', url, secret, fetch, clock })]]),
    secret: new Uint8Array(32).fill(7),
    clock,
    log: () => {},
    version: '0.0.0',
    onDue: () => {},
  });
  await store.postNotices([{ topic: 'test', channel: 'desk', site: undefined, text: 'Something has happened.', quietMs: 0 }]);
  await expect(running.drain()).rejects.toThrow('a fault of the store');
  expect(told).toEqual(['https://desk.example/ringback']);
  await expect(running.begin()).rejects.toThrow('a fault of the store');
  await running.close();
});
