/** Ways to ring that lead to no account, or to one of another kind than what is set for it. */
import { closestName } from './closest-name.ts';
import { isJsonObject, type JsonObject } from './config-file.ts';
import type { Contradiction } from './contradictions.ts';
import type { Place } from './explain-issues.ts';
import { isLineVariable } from './provider-values.ts';

/** Name of an account → its type as given. */
type Accounts = ReadonlyMap<string, unknown>;

export function findRouteContradictions(document: JsonObject): Contradiction[] {
  const accounts: Accounts = new Map(entriesOf(document.providers).map(([name, { type }]) => [name, type]));
  const sites = entriesOf(document.sites);
  return [...sites.flatMap(([key, site]) => findInSite(key, site, accounts)), ...findSharedBridges(sites)];
}

function findInSite(key: string, site: JsonObject, accounts: Accounts): Contradiction[] {
  const place: Place = ['sites', key];
  const fallbacks = Array.isArray(site.fallbacks) ? site.fallbacks.filter(isJsonObject) : [];
  const departments = entriesOf(site.departments).map(([name, department]) => ({ name, department, at: [...place, 'departments', name] }));
  return [
    ...findRouteFaults(site, place, '', accounts),
    ...fallbacks.flatMap((route, index) =>
      findRouteFaults(route, place, `Entry ${index + 1}: `, accounts).map(({ message }) => ({ place: [...place, 'fallbacks'], message })),
    ),
    ...findRepeatedAccounts(site, fallbacks, [...place, 'fallbacks']),
    ...departments.flatMap(({ department, at }) => findDepartmentFaults(department, site, at, accounts)),
    ...findOptionFaults(site, place, accounts),
    ...fallbacks.flatMap((route, index) =>
      findOptionFaults(route, place, accounts).map(({ message }) => ({
        place: [...place, 'fallbacks'],
        message: `Entry ${index + 1}: ${message}`,
      })),
    ),
    ...departments.flatMap(({ department, at }) => findOptionFaults({ provider: site.provider, ...department }, at, accounts)),
    ...findBridgeFaults(site.bridge, [...place, 'bridge', 'portal'], accounts),
  ];
}

function findRouteFaults({ provider, line, voice }: JsonObject, at: Place, entry: string, accounts: Accounts): Contradiction[] {
  if (typeof provider !== 'string') return [];
  const stranger = findStranger(provider, accounts);
  if (stranger !== undefined) return [{ place: [...at, 'provider'], message: `${entry}${stranger}` }];
  const isTelphin = accounts.get(provider) === 'telphin';
  const found: Contradiction[] = [];
  if (isTelphin && voice !== undefined) {
    const message = 'Telphin speaks no text. Take this out, and name a sound in "telphin" (announceSoundId).';
    found.push({ place: [...at, 'voice'], message: `${entry}${message}` });
  }
  if (!isTelphin && accounts.has(provider) && typeof line === 'string' && isLineVariable(line)) {
    found.push({ place: [...at, 'line'], message: `${entry}Only Telphin knows lines of this form. Write the id of the line.` });
  }
  return found;
}

/** What keeps an account from ringing does so on all of its lines. */
function findRepeatedAccounts({ provider }: JsonObject, fallbacks: readonly JsonObject[], place: Place): Contradiction[] {
  const message = 'This account has been tried by then. Name another.';
  return fallbacks.flatMap((route, index) => {
    const before = [provider, ...fallbacks.slice(0, index).map((each) => each.provider)];
    const isRepeated = typeof route.provider === 'string' && before.includes(route.provider);
    return isRepeated ? [{ place, message: `Entry ${index + 1}: ${message}` }] : [];
  });
}

/** A line belongs to one account, so an account alone would ring the line of another. */
function findDepartmentFaults(department: JsonObject, site: JsonObject, at: Place, accounts: Accounts): Contradiction[] {
  const { provider = site.provider, line } = department;
  const needsLine = department.provider !== undefined && line === undefined;
  const message = 'Name the line as well: that of the site belongs to another account.';
  return [...(needsLine ? [{ place: [...at, 'line'], message }] : []), ...findOwnRouteFaults({ provider, line }, department, at, accounts)];
}

/** What stands in the site has been looked at there. */
function findOwnRouteFaults(route: JsonObject, department: JsonObject, at: Place, accounts: Accounts): Contradiction[] {
  const faults = findRouteFaults(route, at, '', accounts);
  return department.provider === undefined ? faults.filter(({ place }) => place.at(-1) !== 'provider') : faults;
}

/** Options that nothing would ever look at are a misunderstanding, and a line that only the host can look up says nobody's number. */
function findOptionFaults({ provider, line, telphin }: JsonObject, at: Place, accounts: Accounts): Contradiction[] {
  // An account that is not there has been complained about, and could be meant to be one of Telphin.
  if (typeof provider !== 'string' || !accounts.has(provider)) return [];
  if (accounts.get(provider) !== 'telphin') {
    const message =
      'The account that this stands beside is not of the type telphin. Take it out, or set it where such an account is named: in a department, or in an entry of "fallbacks".';
    return telphin === undefined ? [] : [{ place: [...at, 'telphin'], message }];
  }
  const namesAgents = isJsonObject(telphin) && telphin.srcNum !== undefined;
  if (typeof line !== 'string' || !isLineVariable(line) || namesAgents) return [];
  const message = 'Name the numbers of your team: which extension the variable in "line" stands for, only Telphin knows.';
  return [{ place: [...at, 'telphin', 'srcNum'], message }];
}

function findBridgeFaults(bridge: unknown, place: Place, accounts: Accounts): Contradiction[] {
  if (!isJsonObject(bridge) || typeof bridge.portal !== 'string') return [];
  const stranger = findStranger(bridge.portal, accounts);
  if (stranger !== undefined) return [{ place, message: stranger }];
  if (!accounts.has(bridge.portal) || accounts.get(bridge.portal) === 'bitrix24_app') return [];
  const message = 'Name an account of the type bitrix24_app: only an application is told of requests in the portal.';
  return [{ place, message }];
}

/** One request of the portal is one call, so it must be plain which site it goes to. */
function findSharedBridges(sites: readonly (readonly [string, JsonObject])[]): Contradiction[] {
  const bridges = sites.flatMap(([key, { bridge }]) =>
    isJsonObject(bridge) ? [{ key, portal: bridge.portal, line: bridge.externalLine }] : [],
  );
  return bridges.flatMap(({ key, portal, line }, index) => {
    const other = bridges.slice(0, index).find((before) => before.portal === portal && before.line === line);
    if (other === undefined) return [];
    const message = `Another site takes the same requests. Name an "externalLine" that belongs to this site alone.`;
    return [{ place: ['sites', key, 'bridge', 'externalLine'], message }];
  });
}

/** Where no account is described at all, that is the fault. */
function findStranger(name: string, accounts: Accounts): string | undefined {
  if (accounts.size === 0 || accounts.has(name)) return undefined;
  const meant = closestName(name, [...accounts.keys()]);
  const hint = meant === undefined ? 'Name one of those under "providers".' : `Did you mean "${meant}"?`;
  return `There is no such provider account. ${hint}`;
}

function entriesOf(group: unknown): [string, JsonObject][] {
  return Object.entries(isJsonObject(group) ? group : {}).flatMap(([key, value]) => (isJsonObject(value) ? [[key, value]] : []));
}
