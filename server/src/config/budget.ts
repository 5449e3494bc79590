/**
 * What calls may cost. Amounts are in any unit that the operator chooses, so the bound that needs his word to be passed is
 * counted in calls: 100 a day for a site, 1,000 for the deployment.
 */
import { isJsonObject, type JsonObject } from './config-file.ts';

export const DEFAULT_CALL_BUDGET = 1;
const USUAL_SITE_CALLS = 100;
const USUAL_DEPLOYMENT_CALLS = 1_000;

export interface GivenBudget {
  budgetPerCall: number;
  /** Undefined: as many calls as usual. */
  budgetPerDay?: number | undefined;
}

export function siteBudget({ budgetPerCall, budgetPerDay }: GivenBudget): { perCall: number; perDay: number } {
  return { perCall: budgetPerCall, perDay: budgetPerDay ?? budgetPerCall * USUAL_SITE_CALLS };
}

/** A day of the deployment where none is set: never below what one of its sites alone may spend. */
export function deploymentBudget(sites: Iterable<GivenBudget>): number {
  let perDay = USUAL_DEPLOYMENT_CALLS;
  for (const site of sites) perDay = Math.max(perDay, site.budgetPerCall * USUAL_DEPLOYMENT_CALLS, siteBudget(site).perDay);
  return perDay;
}

/** Budgets, as they stand in the document, that no call fits into, or that are looser than usual without the operator's word. */
export function findBudgetFaults(document: JsonObject, acceptsHigherCost: boolean): { place: string[]; message: string }[] {
  const sites = Object.entries(isJsonObject(document.sites) ? document.sites : {}).flatMap(([key, site]) =>
    isJsonObject(site) ? [{ key, site, given: readBudget(site) }] : [],
  );
  const dearest = Math.max(DEFAULT_CALL_BUDGET, ...sites.map(({ given }) => given.budgetPerCall));
  const own = { budgetPerCall: dearest, budgetPerDay: readAmount(document.budgetPerDay) };
  const ownFault = findFault(own, USUAL_DEPLOYMENT_CALLS, acceptsHigherCost);
  return [
    ...(ownFault === undefined ? [] : [{ place: ['budgetPerDay'], message: ownFault }]),
    ...findMixedCurrencies(sites.map(({ key, site }) => ({ key, currency: site.currency }))),
    ...sites.flatMap(({ key, given }) => {
      const message = findFault(given, USUAL_SITE_CALLS, acceptsHigherCost);
      return message === undefined ? [] : [{ place: ['sites', key, 'budgetPerDay'], message }];
    }),
  ];
}

/** Amounts of all sites go into one sum: cents, kopecks and calls counted by the piece make none. */
function findMixedCurrencies(sites: readonly { key: string; currency: unknown }[]): { place: string[]; message: string }[] {
  const message =
    'All sites share the budget of the deployment, so they count in one currency, or all without one. Set the same everywhere, or run a relay of its own for this site.';
  const [first, ...others] = sites;
  return others.filter(({ currency }) => currency !== first?.currency).map(({ key }) => ({ place: ['sites', key, 'currency'], message }));
}

function findFault({ budgetPerCall, budgetPerDay }: GivenBudget, usualCalls: number, acceptsHigherCost: boolean): string | undefined {
  if (budgetPerDay === undefined) return undefined;
  if (budgetPerDay < budgetPerCall) return 'Must be enough for one call (budgetPerCall), or nothing would ever be dialled.';
  if (acceptsHigherCost || budgetPerDay <= budgetPerCall * usualCalls) return undefined;
  return `Set it to at most ${usualCalls} times budgetPerCall, or add "acceptHigherCost": true to the limits in the file if you accept the cost.`;
}

/** A wrong type is found by the schema; here it counts as not set. */
function readBudget(site: JsonObject): GivenBudget {
  return { budgetPerCall: readAmount(site.budgetPerCall) ?? DEFAULT_CALL_BUDGET, budgetPerDay: readAmount(site.budgetPerDay) };
}

function readAmount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? value : undefined;
}
