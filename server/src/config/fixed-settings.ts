/** What a running relay cannot take on: it stands on these. Everything else is replaced while it runs. */
import type { Config } from './config.ts';
import type { ConfigFault } from './config-fault.ts';
import type { Secret } from './secret.ts';

export function findFixedChanges(before: Config, after: Config): ConfigFault[] {
  const changed: [string, boolean][] = [
    ['host', before.host !== after.host],
    ['port', before.port !== after.port],
    ['store', before.store.path !== after.store.path],
    ['secret', !isSame(before.secret, after.secret)],
    ['previousSecrets', !areSame(before.previousSecrets, after.previousSecrets)],
    ['providers', before.demo !== after.demo],
    ...(before.demo && after.demo ? findDemoChanges(before, after) : []),
  ];
  const message = 'This is taken on at the start alone. Set it back, or start the relay anew.';
  return changed.flatMap(([setting, isChanged]) => (isChanged ? [{ setting, message }] : []));
}

/** The simulated portal has one line, which it was built with. */
function findDemoChanges(before: Config, after: Config): [string, boolean][] {
  const [was, is] = [before, after].map(({ sites }) => sites.get('default'));
  return [
    ['sites.default.line', was?.line !== is?.line],
    ['sites.default.provider', was?.provider !== is?.provider],
  ];
}

function areSame(before: readonly Secret[], after: readonly Secret[]): boolean {
  return before.length === after.length && before.every((secret, index) => isSame(secret, after[index]));
}

function isSame(before: Secret | undefined, after: Secret | undefined): boolean {
  return before?.reveal() === after?.reveal();
}
