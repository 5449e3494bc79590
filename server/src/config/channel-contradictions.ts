/** Channels that are named and not there, and sites of which it is not known who is to be told. */
import { closestName } from './closest-name.ts';
import { isJsonObject, type JsonObject } from './config-file.ts';
import type { Contradiction } from './contradictions.ts';

export function findChannelContradictions(document: JsonObject): Contradiction[] {
  const channels = entriesOf(document.channels);
  const names = channels.map(([name]) => name);
  const providers = new Map(entriesOf(document.providers).map(([name, { type }]) => [name, type]));
  const sites = entriesOf(document.sites);
  return [
    ...findStrangers(document.notify, names, ['notify']),
    ...sites.flatMap(([key, { channels: listed }]) => findStrangers(listed, names, ['sites', key, 'channels'])),
    ...(names.length > 0 && sites.length > 1 ? findUndecided(sites) : []),
    ...channels.flatMap(([name, { type, provider }]) => {
      if (type !== 'bitrix24_crm' || typeof provider !== 'string') return [];
      const message = findPortalFault(provider, providers);
      if (message === undefined) return [];
      return [{ place: ['channels', name, 'provider'], message }];
    }),
  ];
}

function findPortalFault(name: string, providers: ReadonlyMap<string, unknown>): string | undefined {
  if (!providers.has(name)) return `There is no such provider account. ${hint(name, [...providers.keys()], 'providers')}`;
  return providers.get(name) === 'telphin' ? 'An account at Telphin has no CRM. Name one of a Bitrix24 portal.' : undefined;
}

function findStrangers(listed: unknown, names: readonly string[], place: string[]): Contradiction[] {
  const strangers = Array.isArray(listed) ? listed.filter((name) => typeof name === 'string' && !names.includes(name)) : [];
  return strangers.map((name: string) => ({ place, message: `There is no such channel. ${hint(name, names, 'channels')}` }));
}

/** With one site there is no doubt. With several, a guess could tell one company of the visitors of another. */
function findUndecided(sites: readonly (readonly [string, JsonObject])[]): Contradiction[] {
  const message = 'Name the channels that are told of this site, such as ["mail"]; [] tells nobody.';
  return sites.flatMap(([key, site]) => (site.channels === undefined ? [{ place: ['sites', key, 'channels'], message }] : []));
}

function hint(name: string, names: readonly string[], group: string): string {
  const meant = closestName(name, names);
  return meant === undefined ? `Name one of those under "${group}".` : `Did you mean "${meant}"?`;
}

function entriesOf(group: unknown): [string, JsonObject][] {
  return Object.entries(isJsonObject(group) ? group : {}).flatMap(([key, value]) => (isJsonObject(value) ? [[key, value]] : []));
}
