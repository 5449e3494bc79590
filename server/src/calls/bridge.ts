/**
 * The bridge: a portal's own callback form asks, another provider rings, and the call stands in the portal's CRM all the same. Which
 * site answers for which form, and which calls are written down where.
 */
import type { SiteConfig } from '../config/config.ts';
import type { CallbackRequest } from '../providers/provider.ts';

/** What arrived from a portal's own form. */
export type PortalRequest = CallbackRequest;

/** What a portal's own form said about who asked, sealed with the call. */
export interface BridgedRequest {
  /** Name of the provider account whose form it was. */
  account: string;
  crm: CallbackRequest['crm'];
}

/** Name under which the calls of an account's sites are written down; no channel of the configuration can have it, as theirs hold no colon. */
export function cardChannelOf(account: string): string {
  return `bridge:${account}`;
}

/** Every call of a bridged site is written down, also those from its widget: who looks into the CRM does not ask which form it was. */
export function cardChannelsOf({ bridge }: SiteConfig): readonly string[] {
  return bridge === undefined ? [] : [cardChannelOf(bridge.portal)];
}

/** A portal writes down by itself what it has dialled itself, as it may for a department of the site or as a fallback. */
export function isOwnCall(channel: string, dialledBy: string | undefined): boolean {
  return dialledBy !== undefined && cardChannelOf(dialledBy) === channel;
}

/** Whose form it was: the site that names the line, else the one that takes all lines of the account. */
export function siteOfLine(account: string, line: string | undefined, sites: ReadonlyMap<string, SiteConfig>): SiteConfig | undefined {
  const bridged = [...sites.values()].filter(({ bridge }) => bridge?.portal === account);
  const named = line === undefined ? undefined : bridged.find(({ bridge }) => isSameLine(bridge?.externalLine, line));
  return named ?? bridged.find(({ bridge }) => bridge?.externalLine === undefined);
}

/** A portal writes its lines with and without a plus, and as people group digits. */
export function isSameLine(configured: string | undefined, asked: string): boolean {
  return configured !== undefined && plainLine(configured) === plainLine(asked);
}

function plainLine(line: string): string {
  return line.replaceAll(/[\s()+.-]/g, '').toLowerCase();
}
