/** Puts the rooms together. A platform gives it what it stands on; what comes back answers requests and works through calls. */

import { admitByHand } from './admission/admit-by-hand.ts';
import type { Admission } from './admission/admit-call.ts';
import { isShut } from './admission/call-time.ts';
import { acceptGuards } from './admission/limits.ts';
import { makeProver } from './admission/make-prover.ts';
import { numberReader } from './admission/number-policy.ts';
import type { Prover } from './admission/proof.ts';
import { issueLimit } from './admission/proof-issue-limit.ts';
import { noProver } from './admission/proof-none.ts';
import { purses } from './admission/purses.ts';
import { shield } from './admission/shield.ts';
import { callRules, type Switches } from './calls/call-rules.ts';
import type { CallsContext } from './calls/calls.ts';
import { drainCalls } from './calls/drain-calls.ts';
import { earlyNews } from './calls/early-news.ts';
import { type HangUpAnswer, hangUpCall } from './calls/hang-up-call.ts';
import { type ProviderGate, providerGate } from './calls/provider-gate.ts';
import { readConversation } from './calls/read-conversation.ts';
import { takeBack } from './calls/take-back.ts';
import type { Clock } from './clock.ts';
import type { Config, SiteConfig } from './config/config.ts';
import { alertTeller } from './follow-ups/alert-teller.ts';
import type { CallCards } from './follow-ups/call-cards.ts';
import type { Channel } from './follow-ups/channel.ts';
import { deliverMessages } from './follow-ups/deliver-messages.ts';
import { noticeDrafts, notifier } from './follow-ups/notifier.ts';
import { relayApp } from './http/app.ts';
import { eventPathOf } from './http/event-routes.ts';
import type { Caller, RelayContext, WidgetFiles } from './http/relay-env.ts';
import type { Log } from './log.ts';
import type { Installer, Provider } from './providers/provider.ts';
import type { Call } from './store/call.ts';
import type { Store } from './store/store.ts';
import { vault } from './store/vault.ts';

export interface RelayOptions {
  config: Pick<Config, 'sites' | 'limits' | 'demo' | 'ownPage' | 'budget' | 'deniedPrefixes' | 'paused'> & Partial<Pick<Config, 'notify'>>;
  store: Store;
  providers: ReadonlyMap<string, Provider>;
  /** Take the installations of those accounts that are applications; absent: there are none. */
  installers?: ReadonlyMap<string, Installer> | undefined;
  /** By which the company is told; absent: by none. */
  channels?: ReadonlyMap<string, Channel> | undefined;
  /** Where the calls of bridged sites are written down (make-cards.ts); absent: nowhere. */
  cards?: ReadonlyMap<string, CallCards> | undefined;
  /** Pepper and encryption key, at least 32 bytes. */
  secret: Uint8Array;
  /** Secrets that were in use before it, newest first. */
  previousSecrets?: readonly Uint8Array[] | undefined;
  clock: Clock;
  log: Log;
  /** Asks hosted checks about the proofs of visitors; absent: the runtime's own. */
  fetch?: typeof fetch | undefined;
  /** Who asks a site's visitors for proofs; absent: as the site is configured. */
  proverOf?: ((site: SiteConfig) => Prover) | undefined;
  /** The kill switches, asked every time; absent: as they are configured. */
  switches?: (() => Switches) | undefined;
  version: string;
  widget?: WidgetFiles | undefined;
  /** What is known of each account's pace and health; a relay that replaces another goes on with that one's. Absent: nothing yet. */
  gate?: ProviderGate | undefined;
  /** In [0, 1). */
  random?: (() => number) | undefined;
  /** Called whenever something may be due: a platform arms its timer or alarm. */
  onDue?: (() => void) | undefined;
}

export interface Relay {
  fetch(request: Request, caller: Caller): Response | Promise<Response>;
  /** Where a provider account delivers its events. The path is a secret. */
  eventPath(provider: string): string;
  /** Asks for a call as the operator. `number`: E.164. `key`: UUID, the same again is the same call. Undefined: there is no such site. */
  askByHand(asked: { site: string; number: string; key: string }): Promise<Admission | undefined>;
  /** Takes a call back; undefined where there is none or it is too late. */
  cancel(id: string): Promise<Call | undefined>;
  /** Breaks a call off, as far as its provider can be asked to. */
  hangUp(id: string): Promise<HangUpAnswer>;
  /** Takes what is due and returns as soon as it is under way. */
  begin(): Promise<void>;
  /** Takes what is due and waits until it is done. */
  drain(): Promise<void>;
  /** Waits for what is under way, then closes the store. */
  close(): Promise<void>;
}

export function relay(options: RelayOptions): Relay {
  const { config, store, clock, log, onDue = () => {} } = options;
  const { sites, limits, budget } = config;
  const gate = options.gate ?? providerGate(clock);
  const providers = new Map([...options.providers].map(([name, provider]) => [name, gate.pace(provider)]));
  const safe = vault(options.secret, options.previousSecrets);
  const switches = options.switches ?? configuredSwitches(config);
  const random = options.random ?? Math.random;
  const deployment = config.notify ?? [];
  const notify = notifier({ store, log, sites, deployment, onPosted: onDue });
  const tellerOf = alertTeller({ draft: noticeDrafts({ sites, deployment }), log, onPosted: onDue });
  const calls: CallsContext = {
    store,
    vault: safe,
    clock,
    log,
    sites,
    providers,
    rulesOf: callRules({ sites, cooldownMs: limits.numberCooldownMs, random, switches, isShut, deployment, tellerOf }),
    deployment,
    early: earlyNews(clock),
    gate,
    notify: (notice) => notify(notice),
  };
  const drain = drainCalls(calls, onDue);
  const messages = deliverMessages(
    {
      ...calls,
      notify,
      random,
      channels: options.channels ?? new Map(),
      cards: options.cards,
      readConversation: (call) => readConversation(call, calls),
    },
    onDue,
  );
  const context: RelayContext = {
    ...calls,
    readNumber: numberReader(sites.values(), config.deniedPrefixes),
    guardFor: acceptGuards({ limits, budget, vault: safe }),
    proverOf: options.proverOf ?? configuredProvers(options),
    switches,
    tellerOf,
    reserve: purses(budget),
    shield: shield({ windows: limits.shield, clock }),
    version: options.version,
    problemOf: (fault) => firstKnown(providers, fault),
    widget: options.widget,
    installers: options.installers,
    allowOwnOrigin: config.demo || config.ownPage,
    wake: onDue,
  };
  const app = relayApp(context);

  return {
    fetch: (request, caller) => app.fetch(request, caller),
    eventPath: (provider) => eventPathOf(provider, safe),
    async askByHand({ site: key, ...asked }) {
      const site = sites.get(key);
      const admission = site && (await admitByHand({ site, ...asked }, context));
      if (admission?.kind === 'accepted') {
        log({
          level: 'info',
          event: 'request.accepted',
          callId: admission.call.id,
          site: key,
          country: admission.call.country,
          via: 'operator',
        });
        onDue();
      }
      return admission;
    },
    async cancel(id) {
      const call = await store.find(id);
      return call && takeBack(call, context);
    },
    hangUp: (id) => hangUpCall(id, context),
    async begin() {
      try {
        await drain.begin();
      } finally {
        await messages.begin();
      }
    },
    async drain() {
      try {
        await drain.run();
      } finally {
        await messages.run();
      }
    },
    async close() {
      await drain.settled();
      await messages.settled();
      await store.close();
    },
  };
}

/** All made at the start, so that a setting that cannot work shows at once. */
function configuredProvers(options: RelayOptions): (site: SiteConfig) => Prover {
  const { config, secret, previousSecrets, clock, log, fetch = globalThis.fetch } = options;
  const tools = { secret, previousSecrets, clock, log, fetch, mayIssue: issueLimit(clock) };
  const provers = new Map([...config.sites].map(([key, site]) => [key, makeProver(site, tools)]));
  const none = noProver();
  return ({ key }) => provers.get(key) ?? none;
}

function configuredSwitches({ paused, sites }: RelayOptions['config']): () => Switches {
  const pausedSites = new Set([...sites.values()].filter((site) => site.paused).map(({ key }) => key));
  return () => ({ paused, pausedSites });
}

function firstKnown(providers: ReadonlyMap<string, Provider>, fault: string) {
  for (const provider of providers.values()) {
    const problem = provider.problemOf(fault);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
