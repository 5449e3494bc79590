import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ATTRIBUTES, attributeName, readSettings } from './attributes.ts';

test('without attributes everything has its default and nothing is warned of', () => {
  const { settings, warnings } = read({});
  expect(settings).toMatchObject({ site: 'default', mode: 'button', scheme: 'auto', position: 'bottom-end', country: '', target: '' });
  expect(warnings).toEqual([]);
});

test.each([
  ['relay', 'https://relay.example/callback'],
  ['relay', 'http://localhost:8787'],
  ['site', 'shop-2'],
  ['mode', 'inline'],
  ['target', '#form .here'],
  ['country', 'DE'],
  ['locale', 'ru-RU'],
  ['label', 'Rückruf, bitte'],
  ['color', '#0B6E4F'],
  ['color', '#0b6e4f #4fd1a1'],
  ['scheme', 'dark'],
  ['position', 'bottom-left'],
  ['offset', '96'],
  ['zIndex', '10'],
  ['department', 'sales'],
  ['nameField', 'show'],
] as const)('%s may be %s', (name, value) => {
  expect(read({ [name]: ` ${value} ` })).toMatchObject({ settings: { [name]: value }, warnings: [] });
});

test.each([
  ['relay', 'javascript:alert(1)'],
  ['site', 'a b'],
  ['mode', 'popup'],
  ['country', 'Germany'],
  ['locale', 'english please'],
  ['color', 'red'],
  ['color', '#fff}body{display:none'],
  ['scheme', 'toString'],
  ['position', 'top'],
  ['offset', '-1'],
  ['offset', '1e3'],
  ['zIndex', '1;}'],
  ['nameField', 'yes'],
] as const)('%s may not be %s: one warning with name, expectation and value, and the default', (name, value) => {
  const { settings, warnings } = read({ [name]: value });
  expect(settings[name]).toBe(ATTRIBUTES[name].fallback);
  expect(warnings).toEqual([`ringback: ${attributeName(name)}: expected ${ATTRIBUTES[name].allowed.source}, got "${value}"`]);
});

test('what is not in the table is not read', () => {
  const { settings, warnings } = read({ relais: 'x', __proto__: 'x', constructor: 'x' });
  expect(Object.keys(settings)).toEqual(Object.keys(ATTRIBUTES));
  expect(warnings).toEqual([]);
});

test('docs/attributes.md is this table', async () => {
  await expect(describeAttributes()).toMatchFileSnapshot('../../../docs/attributes.md');
});

function read(given: Record<string, string>) {
  const warnings: string[] = [];
  return { settings: readSettings(given, (line) => warnings.push(line)), warnings };
}

/** The sentences stand as comments in the source: there they cost the page no byte. */
function describeAttributes(): string {
  const source = readFileSync(`${import.meta.dirname}/attributes.ts`, 'utf8');
  const rows = Object.entries(ATTRIBUTES).map(([name, { fallback, allowed }]) => {
    const sentence = new RegExp(`/\\*\\* ([^\\n]+) \\*/\\n  ${name}:`).exec(source)?.[1];
    expect(sentence, `${name} has no sentence`).toBeDefined();
    const values = /^\^\(([\w|-]+)\)\$$/.exec(allowed.source)?.[1]?.split('|') ?? [];
    const meaning = values.length === 0 ? sentence : `${sentence} One of ${values.map((value) => `\`${value}\``).join(', ')}.`;
    return `| \`${attributeName(name)}\` | ${fallback === '' ? '–' : `\`${fallback}\``} | ${meaning} |`;
  });
  return `# Attributes of the script tag

\`\`\`html
<script src="https://relay.example/callback.js" data-site="default" data-country="DE" async></script>
\`\`\`

Everything is set on the tag itself. A value that cannot be used is named in the browser's console, once, and the default is taken;
the page is never disturbed. This page is made from the table in \`widget/src/embed/attributes.ts\`.

| Attribute | Default | |
|---|---|---|
${rows.join('\n')}

## From the page's own scripts

\`window.Ringback\` has \`open(site?)\`, \`close()\`, \`destroy()\` and \`version\`. It is there once the script has run.

The page hears of the form by events that bubble to \`document\`. \`detail\` has \`site\`, \`state\` and, from acceptance on, \`call\` (its id);
never a telephone number.

| Event | When |
|---|---|
| \`ringback:ready\` | The widget stands in the page. |
| \`ringback:open\`, \`ringback:close\` | The dialog was opened or closed. |
| \`ringback:state\` | Another state is shown: \`editing\`, \`sending\`, \`waiting\`, \`calling\`, \`talking\`, \`done\`, \`missed\`, \`failed\`, \`cancelled\` and others. |
| \`ringback:accepted\` | The relay has accepted a request. |
| \`ringback:error\` | A request was not accepted; \`state\` says why: \`number_refused\`, \`rate_limited\`, \`closed\`, \`unavailable\`, \`offline\`, \`unreachable\`. |

## Content security policy

\`script-src\` must allow the script (by nonce, hash or address) and \`connect-src\` the relay. Where a captcha service checks (\`siteverify\` in the
relay's configuration), \`frame-src\` must allow the relay too; the service itself needs no permission. Nothing else is needed: no \`style-src\`, no
\`img-src\`, no Trusted Types policy.
`;
}
