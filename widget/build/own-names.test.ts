import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { callAccepted, callRequest, callView } from '../../server/src/contract/calls.ts';
import { siteView } from '../../server/src/contract/site-view.ts';
import { ATTRIBUTES } from '../src/embed/attributes.ts';
import { en } from '../src/text/en.ts';
import { OWN_NAMES, UNUSED_PREACT_NAMES } from './own-names.ts';

test('no name that others know is shortened', () => {
  const known = [
    ...[callAccepted, callRequest, callView, siteView].flatMap(({ shape }) => Object.keys(shape)),
    ...Object.keys({ ...ATTRIBUTES, ...en }),
  ];
  expect(OWN_NAMES.filter((name) => known.includes(name))).toEqual([]);
});

test('every name is used', () => {
  const source = readSources();
  expect(OWN_NAMES.filter((name) => !occursIn(source, name))).toEqual([]);
});

test('what Preact looks for in vain is read by Preact, never as text, and had by nobody', () => {
  const preact = readFileSync(fileURLToPath(import.meta.resolve('preact')), 'utf8');
  const source = readSources();
  expect(UNUSED_PREACT_NAMES.filter((name) => !preact.includes(`.${name}`) || new RegExp(`["'\`]${name}`).test(preact))).toEqual([]);
  expect(UNUSED_PREACT_NAMES.filter((name) => occursIn(source, name))).toEqual([]);
});

function readSources(): string {
  const folder = join(import.meta.dirname, '../src');
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.tsx?$/.test(file) && !file.includes('.test.'),
  );
  return files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
}

function occursIn(source: string, name: string): boolean {
  return new RegExp(`\\b${name}\\b`).test(source);
}
