import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callAccepted, callRequest, callView } from '../../server/src/contract/calls.ts';
import { siteView } from '../../server/src/contract/site-view.ts';
import { ATTRIBUTES } from '../src/embed/attributes.ts';
import { en } from '../src/text/en.ts';
import { OWN_NAMES } from './own-names.ts';

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

test('no property of ours looks like one of Preact’s own', () => {
  expect(readSources()).not.toMatch(/\._[a-z]|[{,]\s*_[a-z]\w*\s*[:,}]/);
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
