/** Every kind of channel there is, and how one is made from its configuration. */
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import { bitrix24Crm } from '../providers/bitrix24/bitrix24-crm.ts';
import type { Channel } from './channel.ts';
import { emailChannel } from './email-channel.ts';
import type { MakeMailTransport } from './mail-transport.ts';
import { webhookChannel } from './webhook-channel.ts';

export interface ChannelSurroundings {
  /** Must never send a request twice by itself. */
  fetch: typeof fetch;
  clock: Clock;
  /** By the name of the provider account whose portal each asks. */
  portals: ReadonlyMap<string, { bitrix24?: Bitrix24Client | undefined }>;
  makeMailTransport: MakeMailTransport;
}

export function makeChannels(
  { channels, language }: Pick<Config, 'channels' | 'language'>,
  { fetch, clock, portals, makeMailTransport }: ChannelSurroundings,
): Map<string, Channel> {
  const made = new Map<string, Channel>();
  for (const [name, config] of channels) {
    switch (config.type) {
      case 'webhook':
        made.set(name, webhookChannel({ name, url: config.url, secret: config.secret, fetch, clock }));
        break;
      case 'email':
        made.set(name, emailChannel({ name, from: config.from, to: config.to, language, transport: makeMailTransport(config.server) }));
        break;
      case 'bitrix24_crm': {
        const portal = portals.get(config.provider)?.bitrix24;
        if (portal === undefined) throw new Error(`The channel ${name} names a provider account that has no portal.`);
        made.set(name, bitrix24Crm({ name, portal, responsibleId: config.responsibleId, language, clock }));
      }
    }
  }
  return made;
}
