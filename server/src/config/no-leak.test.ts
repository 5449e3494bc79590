import { inspect } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readConfig } from './read-config.ts';
import { renderFaults } from './render-faults.ts';

const CANARY = 'c4n4ry7s3cr3t';
const VARIABLES = [
  'BITRIX24_WEBHOOK_URL',
  'BITRIX24_EVENT_TOKEN',
  'BITRIX24_LINE',
  'BITRIX24_VOICE',
  'RINGBACK_ANNOUNCEMENT',
  'RINGBACK_ORIGINS',
  'RINGBACK_COUNTRY',
  'RINGBACK_COUNTRIES',
  'RINGBACK_NAME',
  'RINGBACK_PHONE',
  'RINGBACK_PROMISE_SECONDS',
  'RINGBACK_STORE',
  'RINGBACK_SECRET',
  'RINGBACK_CONFIG',
  'RINGBACK_PREVIOUS_SECRETS',
  'RINGBACK_TIME_ZONE',
  'RINGBACK_BUDGET_PER_CALL',
  'RINGBACK_BUDGET_PER_DAY',
  'RINGBACK_PROOF',
  'RINGBACK_CURRENCY',
  'RINGBACK_BLOCKED',
  'RINGBACK_OWN_NUMBERS',
  'RINGBACK_PAUSED',
  'RINGBACK_RETENTION_DAYS',
  'RINGBACK_SPEAK_NAME',
  'RINGBACK_TRUST_PROXY',
  'RINGBACK_MISSPELT',
  'HOST',
  'PORT',
  'SHOP_SECRET',
];
/** A secret as it is pasted: whole, cut, quoted, inside an address, with something behind it. */
const FORMS = [
  CANARY,
  `"${CANARY}"`,
  `${CANARY},${CANARY}`,
  `${CANARY}/`,
  `https://acme.bitrix24.com/rest/1/${CANARY}/`,
  `http://acme.bitrix24.com/rest/1/${CANARY}/`,
  `https://acme.bitrix24.com/rest/${CANARY}?auth=${CANARY}#${CANARY}`,
  `https://me:${CANARY}@acme.bitrix24.com/`,
  `postgres://relay:${CANARY}@db/ringback`,
  `{"$env":"${CANARY}"}`,
];

/** Everything that anybody could see of a refused configuration. */
function shown(env: Record<string, string>, file: string): string {
  const reading = readConfig({ env, readFile: () => file });
  return reading.ok ? inspect(reading.config.secret) : `${renderFaults(reading.faults)}${inspect(reading.faults, { depth: 9 })}`;
}

test.each(VARIABLES.flatMap((name) => FORMS.map((form) => [name, form])))('%s is not repeated, however it is wrong (%#)', (name, form) => {
  expect(shown({ [name]: form }, `{ "secret": "${CANARY}" }`)).not.toContain(CANARY);
  expect(shown({ [name]: form, BITRIX24_LINE: ' ' }, `{ "secret": "${CANARY}", ${CANARY} }`)).not.toContain(CANARY);
});

test.each([CANARY, `{ "a": ${CANARY} }`, `{ "a": "${CANARY}", }`, `{ "a": "${CANARY}`])('malformed JSON is not quoted (%#)', (file) => {
  expect(shown({ RINGBACK_CONFIG: 'x' }, file)).toContain('not valid JSON');
  expect(shown({ RINGBACK_CONFIG: 'x' }, file)).not.toContain(CANARY);
});

test.each([
  ['secret', CANARY],
  ['number', '+4915123456789'],
  ['number without a plus', '4915123456789'],
])('a %s in the place of a name is not repeated', (_, name) => {
  for (const file of [
    { [name]: 1 },
    { sites: { shop: { [name]: 1 } } },
    { providers: { main: { [name]: 1 } } },
    { limits: { [name]: 1 } },
  ]) {
    expect(shown({ RINGBACK_CONFIG: 'x' }, JSON.stringify(file))).not.toContain(name);
  }
});

test.each(['K7QX2M9PLR4TZ8WVB3NHD6FS1GJ5YC0A', 'K7QX2M9PLR4T', 'QWERTZUIOPASDFGH', 'SK_LIVE_51H8X2KQ9ZV', 'A1B2_C3D4'])(
  'the token %s in the place of a variable’s name is not repeated',
  (token) => {
    const file = {
      secret: { $env: token },
      providers: { main: { type: 'bitrix24', webhookUrl: { $env: token }, eventToken: { $env: token } } },
    };
    const text = shown({ RINGBACK_CONFIG: 'x' }, JSON.stringify(file));
    expect(text).toContain('The environment variable that is named here is not set.');
    expect(text).not.toContain(token);
  },
);

test.each(['SECRET', 'SHOP_WEBHOOK_URL', 'RINGBACK_SHOP2_BITRIX24_WEBHOOK_URL', 'SHOP_2_TOKEN', 'KEY2'])(
  'the variable %s is asked for',
  (name) => {
    const file = { providers: { main: { type: 'bitrix24', webhookUrl: { $env: name } } } };
    expect(shown({ RINGBACK_CONFIG: 'x' }, JSON.stringify(file)).replaceAll(/\s+/g, ' ')).toContain(
      `Set the environment variable ${name}.`,
    );
  },
);

test.each(['https://K7QX2M9PLR4T.example/', 'http://k7qx2m9plr4t.example', 'k7qx2m9plr4t.example'])(
  'the host of %s is not repeated',
  (origin) => {
    const file = { sites: { shop: { origins: [origin] } } };
    expect(shown({ RINGBACK_CONFIG: 'x' }, JSON.stringify(file))).not.toMatch(/k7qx2m9plr4t/i);
  },
);

test('secrets do not show when a whole configuration is printed', () => {
  const env = {
    BITRIX24_WEBHOOK_URL: `https://acme.bitrix24.com/rest/1/${CANARY}/`,
    BITRIX24_EVENT_TOKEN: CANARY,
    BITRIX24_LINE: 'reg1332',
    RINGBACK_ORIGINS: 'https://www.example.com',
    RINGBACK_COUNTRY: 'DE',
    RINGBACK_SECRET: `${CANARY}-and-many-more-letters-to-make-it-long-enough`,
  };
  const reading = readConfig({ env, readFile: () => '' });
  if (!reading.ok) throw new Error(renderFaults(reading.faults));
  expect(inspect(reading.config, { depth: 9, showHidden: true })).not.toContain(CANARY);
  expect(JSON.stringify({ ...reading.config, providers: [...reading.config.providers] })).not.toContain(CANARY);
});

const pasted = fc.oneof(fc.constantFrom(...FORMS), fc.string());
const key = fc.oneof(
  fc.constantFrom('host', 'port', 'store', 'secret', 'trustProxy', 'providers', 'sites', 'limits', 'main', 'shop', 'webhookUrl'),
  fc.constantFrom(
    'eventToken',
    'type',
    'line',
    'origins',
    'country',
    'countries',
    'consent',
    'text',
    'url',
    '$env',
    '__proto__',
    'constructor',
  ),
);
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    pasted,
    fc.constantFrom<unknown>(null, true, 0, -1, 1e300, 'main', 'bitrix24', 'DE', 'SHOP_SECRET', 'RINGBACK_SECRET'),
    fc.array(tie('value'), { maxLength: 3 }),
    // As JSON.parse makes it: `__proto__` is a key like any other.
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
})).value;

test('whatever stands in environment and file, reading it ends without a throw and without a leak', () => {
  const env = fc.dictionary(fc.constantFrom(...VARIABLES), pasted);
  const text = fc.oneof(
    json.map((value) => JSON.stringify(value)),
    json.map((value) => JSON.stringify(value).slice(0, -1)),
    pasted,
  );
  fc.assert(
    fc.property(env, text, (variables, file) => {
      expect(shown({ ...variables, RINGBACK_CONFIG: 'x' }, file)).not.toContain(CANARY);
      expect(shown(variables, file)).not.toContain(CANARY);
    }),
    { numRuns: 500 },
  );
  // Each reading builds its schemas anew, a thousand times here.
}, 60_000);
