/** Settings that are right each by itself and wrong together. Looks at the document as given, so it speaks even where others fail. */
import { findApplicationContradictions } from './application-contradictions.ts';
import { findBudgetFaults } from './budget.ts';
import { findChannelContradictions } from './channel-contradictions.ts';
import { isJsonObject, type JsonObject } from './config-file.ts';
import type { Place } from './explain-issues.ts';
import { findLooseLimits } from './limit-settings.ts';
import { findRouteContradictions } from './route-contradictions.ts';
import { findCountryFault, NAME_GAP } from './site-values.ts';

export interface Contradiction {
  place: Place;
  message: string;
}

export function findContradictions(document: JsonObject, { demo, ownPage }: { demo: boolean; ownPage: boolean }): Contradiction[] {
  const sites = Object.entries(isJsonObject(document.sites) ? document.sites : {});
  const limits = isJsonObject(document.limits) ? document.limits : {};
  return [
    ...(demo ? [] : findGaps(document)),
    ...sites.flatMap(([key, site]) => (isJsonObject(site) ? findSiteContradictions(key, site) : [])),
    ...(demo || ownPage ? [] : findShutSites(sites)),
    ...findRouteContradictions(document),
    ...findApplicationContradictions(document),
    ...findChannelContradictions(document),
    ...findBudgetFaults(document, limits.acceptHigherCost === true),
    ...findLooseLimits(limits).map(({ key, message }) => ({ place: ['limits', key], message })),
  ];
}

/** A wrong type is found by the schema; here it is about what is not there at all. */
function findGaps({ sites, providers }: JsonObject): Contradiction[] {
  const isEmpty = (group: unknown) => group === undefined || (isJsonObject(group) && Object.keys(group).length === 0);
  return [
    ...(isEmpty(providers) ? [{ place: ['providers'], message: 'Describe at least one provider account: nobody could ring.' }] : []),
    ...(isEmpty(sites) ? [{ place: ['sites'], message: 'Describe at least one site: nobody could ask for a call.' }] : []),
  ];
}

function findShutSites(sites: readonly (readonly [string, unknown])[]): Contradiction[] {
  const message = 'Name at least one origin, such as https://www.example.com: no other page may ask for calls.';
  return sites.flatMap(([key, site]) => {
    const isShut = isJsonObject(site) && Array.isArray(site.origins) && site.origins.length === 0;
    return isShut ? [{ place: ['sites', key, 'origins'], message }] : [];
  });
}

function findSiteContradictions(key: string, site: JsonObject): Contradiction[] {
  const { country, countries, announcement = '', speakName = false } = site;
  const found: Contradiction[] = [];
  if (isReadable(country) && Array.isArray(countries) && countries.length > 0 && !countries.includes(country)) {
    const message = 'Must contain the country that the number field starts with, or nobody could call from there.';
    found.push({ place: ['sites', key, 'countries'], message });
  }
  if (typeof announcement === 'string' && typeof speakName === 'boolean' && announcement.includes(NAME_GAP) !== speakName) {
    const message = speakName
      ? `Write ${NAME_GAP} into the announcement where the name is to be spoken.`
      : `Set it to true if the name may be spoken, or take ${NAME_GAP} out of the announcement.`;
    found.push({ place: ['sites', key, 'speakName'], message });
  }
  if (site.slots !== undefined && site.hours === undefined) {
    // Without hours somebody is always there, and visitors would be offered three o'clock at night.
    const message = 'Say when somebody answers, so that slots can be offered: for example "mon-fri 09:00-18:00".';
    found.push({ place: ['sites', key, 'hours'], message });
  }
  for (const [name, department] of Object.entries(isJsonObject(site.departments) ? site.departments : {})) {
    if (!isJsonObject(department) || typeof department.announcement !== 'string') continue;
    if (!department.announcement.includes(NAME_GAP) || speakName === true) continue;
    const message = `Take ${NAME_GAP} out of it, or set the site's speakName to true.`;
    found.push({ place: ['sites', key, 'departments', name, 'announcement'], message });
  }
  if (site.currency !== undefined && site.budgetPerCall === undefined) {
    // Left at 1, a call would be reckoned at a cent.
    found.push({ place: ['sites', key, 'budgetPerCall'], message: 'Say what one call may cost at most in the currency that is set.' });
  }
  return found;
}

function isReadable(country: unknown): boolean {
  return typeof country === 'string' && findCountryFault(country) === undefined;
}
