import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { exampleSite } from '../simulators/example-site.ts';
import { fakeClock } from '../simulators/fake-clock.ts';
import { SIMULATED_PATHS, siteverifySimulator } from '../simulators/siteverify.ts';
import { makeProver, type ProverTools } from './make-prover.ts';

const REQUEST = { site: 'default', address: undefined };

function setUp() {
  const clock = fakeClock();
  const simulator = siteverifySimulator({ clock, siteKey: 'site-key', secret: 's3cret' });
  const tools: ProverTools = {
    secret: new Uint8Array(32).fill(7),
    clock,
    fetch: async (input, init) => simulator.app.fetch(new Request(input, init)),
    log: () => {},
    mayIssue: () => true,
    siteverifyAddresses: { turnstile: `http://127.0.0.1${SIMULATED_PATHS.turnstile}` },
  };
  return { simulator, tools };
}

test('switched off, nothing is asked for and nothing can be proved', async () => {
  const prover = makeProver(exampleSite({ proof: { mode: 'off', prover: { kind: 'pow' } } }), setUp().tools);
  expect(prover.name).toBe('none');
  expect(await prover.challenge(REQUEST, 3)).toBeUndefined();
  expect(await prover.check('anything', REQUEST)).toEqual({ kind: 'failed' });
});

test.each(['adaptive', 'always'] as const)('%s: work, within what the process may issue', async (mode) => {
  const { tools } = setUp();
  const site = exampleSite({ proof: { mode, prover: { kind: 'pow' } } });
  expect(await makeProver(site, tools).challenge(REQUEST, 1)).toMatchObject({ kind: 'pow', parameters: { data: { site: 'default' } } });
  expect(await makeProver(site, { ...tools, mayIssue: () => false }).challenge(REQUEST, 1)).toBeUndefined();
});

test.each<[string | undefined, string[]]>([
  ['relay.example', ['relay.example']],
  [undefined, ['relay.example', 'shop.example', 'evil.example']],
])('a hosted check whose hostname is %s takes tokens made at %j', async (hostname, taken) => {
  const { simulator, tools } = setUp();
  const prover = { kind: 'siteverify', vendor: 'turnstile', siteKey: 'site-key', secret: new Secret('s3cret'), hostname } as const;
  const { check } = makeProver(exampleSite({ proof: { mode: 'always', prover } }), tools);
  const page = { action: 'callback', data: 'default' };
  for (const host of ['relay.example', 'shop.example', 'evil.example']) {
    const { kind } = await check(simulator.issue('turnstile', { ...page, host }), REQUEST);
    expect(kind, host).toBe(taken.includes(host) ? 'proved' : 'failed');
  }
});
