/** The demo around the relay: a simulated portal with two telephones in this very process, and the page that shows them. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { Secret } from '../config/secret.ts';
import type { Log } from '../log.ts';
import { bitrix24 } from '../providers/bitrix24/bitrix24.ts';
import type { Account } from '../providers/registry.ts';
import type { Relay } from '../relay.ts';
import { bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { demoApp } from '../simulators/demo/demo-app.ts';
import { describeLog, happenings } from '../simulators/demo/happenings.ts';

/** Never leaves this process: the portal is called without a network. */
const PORTAL = 'http://127.0.0.1';
const CREDENTIALS = { userId: '1', webhookSecret: 'demo' };
const EVENT_TOKEN = 'demo';

export interface Demo {
  accounts: ReadonlyMap<string, Account>;
  /** Answers for the demo's own pages; undefined for everything that is the relay's. */
  fetch(request: Request): Response | Promise<Response> | undefined;
  /** The relay's log, told to the page as well. */
  alsoTell(log: Log): Log;
  /** Lets the portal's events reach the relay. */
  connect(relay: Relay): void;
  close(): void;
}

export function nodeDemo(config: Config, clock: Clock): Demo {
  const site = config.sites.get('default');
  if (site === undefined) throw new Error('The demo needs the site "default".');
  let relay: Relay | undefined;

  const portal = bitrix24Portal({
    clock,
    ...CREDENTIALS,
    lines: { [site.line]: 'Demo line' },
    events: {
      url: () => relay && `${PORTAL}${relay.eventPath(site.provider)}`,
      token: EVENT_TOKEN,
      fetch: async (input, init) =>
        (await relay?.fetch(new Request(input, init), { address: undefined })) ?? new Response(null, { status: 503 }),
    },
  });
  const provider = bitrix24({
    name: site.provider,
    webhookUrl: new Secret(`${PORTAL}/rest/${CREDENTIALS.userId}/${CREDENTIALS.webhookSecret}/`),
    eventToken: new Secret(EVENT_TOKEN),
    fetch: async (input, init) => portal.app.fetch(new Request(input, init)),
    clock,
  });
  const feed = happenings(clock);
  const app = demoApp({ telephones: portal.telephones, happenings: feed, line: site.line, clock, scriptPath: '/callback.js' });

  return {
    accounts: new Map([[site.provider, { provider }]]),
    fetch(request) {
      const { pathname } = new URL(request.url);
      return pathname === '/' || pathname.startsWith('/demo/') ? app.fetch(request) : undefined;
    },
    alsoTell: (log) => (entry) => {
      log(entry);
      const told = describeLog(entry);
      if (told !== undefined)
        feed.say(entry.event.startsWith('request.') ? 'page' : told.includes('voximplant') ? 'portal' : 'relay', told);
    },
    connect(running) {
      relay = running;
    },
    close() {
      relay = undefined;
    },
  };
}
