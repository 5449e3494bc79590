/** What can be said of the settings alone, without asking anybody. */
import type { Config, SiteConfig } from '../../config/config.ts';
import { type Diagnosis, diagnoses } from './diagnosis.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export function lookAtSettings(config: Config, env: Environment): Diagnosis[] {
  const { ok, problem } = diagnoses('settings');
  if (config.demo) {
    const message = 'No provider is set, so the relay would run the demo. How to connect one: docs/providers/bitrix24-webhook.md.';
    return [problem('no_provider', message), ...lookAtWire(config, env)];
  }
  return [
    ok('settings_read', `The settings can be read: ${count(config.providers.size, 'account')}, ${count(config.sites.size, 'site')}.`),
    ...(config.paused ? [problem('paused', 'Everything is paused by the settings. Take "paused" (RINGBACK_PAUSED) out of them.')] : []),
    ...[...config.sites.values()].flatMap((site) => lookAtSite(site, config)),
    ...lookAtWire(config, env),
  ];
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function lookAtSite(site: SiteConfig, { ownPage }: Config): Diagnosis[] {
  const { note, problem } = diagnoses(`site ${site.key}`);
  const found: Diagnosis[] = [];
  if (site.paused) found.push(problem('site_paused', 'The site is paused by the settings. Take "paused" out of it.'));
  if (ownPage) found.push(note('no_origin', 'No website may show the form yet, only a page of the relay itself. Set RINGBACK_ORIGINS.'));
  if (site.channels.length === 0) {
    found.push(note('no_channel', 'Nobody is told of calls that do not connect. Set up a channel: docs/follow-ups.md.'));
  }
  if (site.proof.mode === 'off') {
    found.push(note('proof_off', 'Requests never have to prove an effort; only the limits hold. Take "proof": "off" out unless you test.'));
  } else if (site.proof.prover.kind === 'siteverify') {
    const { vendor } = site.proof.prover;
    found.push(
      note(
        'proof_unchecked',
        `Only a visitor's proof shows whether site key and secret of ${vendor} belong together: ask for a call on the page once.`,
      ),
    );
  }
  return found;
}

function lookAtWire(config: Config, env: Environment): Diagnosis[] {
  const { note, problem } = diagnoses('network');
  const found: Diagnosis[] = [];
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    found.push(
      problem('tls_unchecked', 'NODE_TLS_REJECT_UNAUTHORIZED=0 lets anybody pose as your provider. Take it out of the environment.'),
    );
  }
  if ((env.HTTPS_PROXY ?? env.https_proxy) !== undefined && env.NODE_USE_ENV_PROXY === undefined) {
    found.push(note('proxy_ignored', 'HTTPS_PROXY is set, and Node does not heed it by itself: the relay asks its providers directly.'));
  }
  const isOnHttps = [...config.sites.values()].some(({ origins }) => origins.some((origin) => origin.startsWith('https://')));
  if (isOnHttps && config.trustProxy === undefined) {
    const message =
      'Pages on https reach the relay by https only, so something in front of it speaks TLS. Set RINGBACK_TRUST_PROXY to it, or all visitors count as one: docs/operations.md.';
    found.push(note('proxy_untrusted', message));
  }
  return found;
}
