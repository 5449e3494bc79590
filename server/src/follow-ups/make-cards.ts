/** Where the calls of bridged sites are written down, by the names that their messages have for it. */
import { cardChannelOf } from '../calls/bridge.ts';
import type { Clock } from '../clock.ts';
import type { SiteConfig } from '../config/config.ts';
import { bitrix24Cards } from '../providers/bitrix24/bitrix24-cards.ts';
import type { Bitrix24Client } from '../providers/bitrix24/bitrix24-client.ts';
import type { CallCards } from './call-cards.ts';

/** `portals`: by the name of the provider account whose portal each asks. */
export function makeCards(
  sites: ReadonlyMap<string, SiteConfig>,
  portals: ReadonlyMap<string, { bitrix24?: Bitrix24Client | undefined }>,
  clock: Clock,
): Map<string, CallCards> {
  const made = new Map<string, CallCards>();
  for (const { key, bridge } of sites.values()) {
    if (bridge === undefined || made.has(cardChannelOf(bridge.portal))) continue;
    const portal = portals.get(bridge.portal)?.bitrix24;
    if (portal === undefined) throw new Error(`The bridge of the site ${key} names a provider account that has no portal.`);
    made.set(cardChannelOf(bridge.portal), bitrix24Cards(portal, clock));
  }
  return made;
}
