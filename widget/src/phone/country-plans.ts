/** The numbering plans of all regions, unpacked from the table that the build makes. */
import { PHONE_TABLE } from 'virtual:phone-table';

export interface CountryPlan {
  country: string;
  /** Calling code, without plus. */
  code: string;
  /** The plan that stands for the code where several countries share it. */
  main: CountryPlan;
  /** Pattern: what may stand before a national number. */
  trunk: string;
  /** Pattern: what is dialled before a calling code; in a group, what may be and is not read. */
  exit: string;
  /** Lengths (`a` is 1 digit), each followed by a pattern of the beginning; none after the last is any. */
  rules: string;
}

/** In order of calling codes, the main country of a shared code first. */
export const PLANS = new Map<string, CountryPlan>();

type Fields = [word: string, trunk: string, exit: string, rules: string];

const [regions, ...words] = PHONE_TABLE.split(' ') as [string, ...string[]];
let code = 0;
let main: CountryPlan | undefined;
for (const [, step, country] of regions.matchAll(/(\d*)(..)/g) as Iterable<[string, string, string]>) {
  code += +(step || 1);
  const [, trunk, exit, rules] = /^([^~a-z]*)~?([^a-z]*)(.*)/.exec(words[PLANS.size] as string) as unknown as Fields;
  const plan = { country, code: `${code}`, trunk } as CountryPlan;
  // Step 0: the region shares the code of those before it. What its word leaves out is the main region's.
  if (main === undefined || step !== '0') main = plan;
  plan.main = main;
  plan.exit = exit || main.exit || '00';
  plan.rules = rules || main.rules;
  PLANS.set(country, plan);
}

/** The main plan of the calling code that `digits` begin with. No code is the beginning of another. */
export function findPlan(digits: string): CountryPlan | undefined {
  return [...PLANS.values()].find((plan) => digits.startsWith(plan.code));
}
