import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { vault } from '../store/vault.ts';
import { readSecrets } from './node-secret.ts';

const folder = mkdtempSync(join(tmpdir(), 'ringback-secret-'));
afterAll(() => rmSync(folder, { recursive: true }));

function secretsOf(name: string, secret?: string, ...previous: string[]) {
  const store = { kind: 'sqlite', path: join(folder, name) } as const;
  return readSecrets({
    store,
    secret: secret === undefined ? undefined : new Secret(secret),
    previousSecrets: previous.map((text) => new Secret(text)),
  });
}

test('a secret is made once, for the owner alone, and is not a database of its own', () => {
  const first = secretsOf('made.db');
  expect(secretsOf('made.db').secret).toEqual(first.secret);
  expect(statSync(join(folder, 'made.db.secret')).mode & 0o777).toBe(0o600);
  expect(Buffer.from(readFileSync(join(folder, 'made.db.secret'), 'utf8'), 'base64')).toEqual(first.secret);
});

test('numbers that were stored under the made secret can be read after one has been configured', () => {
  const made = secretsOf('grown.db');
  const sealed = vault(made.secret).seal('+4930123456', 'call');
  const grown = secretsOf('grown.db', 'x'.repeat(43), 'y'.repeat(43));
  expect(vault(grown.secret, grown.previous).open(sealed, 'call')).toBe('+4930123456');
  expect(grown.previous.map((bytes) => Buffer.from(bytes).toString())[0]).toBe('y'.repeat(43));
  expect(() => vault(grown.secret).open(sealed, 'call')).toThrow();
});

test('a file that holds something else stops the start', () => {
  writeFileSync(join(folder, 'broken.db.secret'), 'short');
  expect(() => secretsOf('broken.db')).toThrow(/Put the right file back/);
  expect(() => secretsOf('broken.db', 'x'.repeat(43))).toThrow(/Put the right file back/);
});
