import { expect, test } from 'vitest';
import { renderFaults } from './render-faults.ts';

test('every fault stands beside its setting, in one column', () => {
  const long = 'This sentence is so long that it does not go on one line of a terminal, and goes on below where it began.';
  const text = renderFaults([
    { setting: 'PORT', message: 'Must be a whole number from 0 to 65535.' },
    { setting: 'RINGBACK_ORIGINS', message: long },
    { setting: 'PORT', message: 'And another.' },
  ]);
  expect(text).toBe(`
Ringback cannot start: 2 settings need attention.

  PORT              Must be a whole number from 0 to 65535.
                    And another.
  RINGBACK_ORIGINS  This sentence is so long that it does not go on one line of a terminal, and goes
                    on below where it began.

All settings: docs/configuration.md

`);
});

test('a name that is wider than its column has its own line', () => {
  const setting = 'sites.a-rather-long-name-of-a-site.countries';
  const text = renderFaults([{ setting, message: 'Name one.' }]);
  expect(text).toContain('one setting needs attention');
  expect(text).toContain(`  ${setting}\n${' '.repeat(34)}Name one.\n`);
});
