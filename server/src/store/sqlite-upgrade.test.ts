/** A database that an earlier version filled goes on to promise what it promised. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import type { CallDraft } from './acceptance.ts';
import { MIGRATIONS } from './sql-schema.ts';
import { openSqlite } from './sqlite-file.ts';
import { sqliteStore } from './sqlite-store.ts';
import { KEY_LIFE_MS } from './store.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

test('keys, holds and windows of version 1 still count', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-upgrade-'));
  const path = join(folder, 'ringback.db');
  const clock = fakeClock();
  const start = clock.now();

  const old = openSqlite({ path, migrations: MIGRATIONS.slice(0, 1) });
  for (const [index, number] of ['a', 'a', 'b'].entries()) {
    const at = start + index;
    old
      .prepare(
        `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, dial_before, attempts, fence, due_step,
         due_at, look_at, held_until) VALUES (?, 'default', 'accepted', ?, ?, 'DE', ?, ?, 0, 0, 'dial', ?, ?, ?)`,
      )
      .run(`call-${index}`, number, `sealed-${index}`, at, at + 1, at, at, number === 'a' ? at : at + 2 * HOUR_MS);
    old
      .prepare("INSERT INTO idempotency_keys VALUES ('default', ?, ?, ?, ?)")
      .run(`key-${index}`, 'print', `call-${index}`, at + KEY_LIFE_MS);
    for (const key of [number, 'source'])
      old.prepare('INSERT INTO acceptances VALUES (?, ?, ?, ?)').run(key, at, `call-${index}`, at + HOUR_MS);
  }
  old.close();

  const store = sqliteStore({ path, clock });
  const draft = (wishes: Partial<CallDraft>): CallDraft => ({
    id: 'new',
    site: 'default',
    idempotencyKey: 'new',
    fingerprint: 'print',
    numberKey: 'c',
    sealedNumber: 'sealed',
    country: 'DE',
    dialWithinMs: 1,
    holdMs: 0,
    ...wishes,
  });
  clock.set(start + 10);
  expect(await store.accept(draft({ idempotencyKey: 'key-1' }), { limits: [] })).toMatchObject({
    kind: 'replayed',
    call: { id: 'call-1' },
  });
  expect(await store.accept(draft({ idempotencyKey: 'key-1', fingerprint: 'other' }), { limits: [] })).toEqual({ kind: 'key_reused' });
  const held = { kind: 'limited', scope: 'number_active', retryAt: start + 2 + 2 * HOUR_MS };
  expect(await store.accept(draft({ numberKey: 'b' }), { limits: [] })).toEqual(held);
  const number = [{ scope: 'number', key: 'a', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
  expect(await store.accept(draft({ numberKey: 'a' }), { limits: number })).toEqual({
    kind: 'limited',
    scope: 'number',
    retryAt: start + HOUR_MS,
  });
  const source = [{ scope: 'source', key: 'source', windows: [{ max: 3, perMs: HOUR_MS }] }] as const;
  expect(await store.accept(draft({}), { limits: source })).toEqual({ kind: 'limited', scope: 'source', retryAt: start + HOUR_MS });
  const members = [{ scope: 'source_numbers', key: 'source', member: 'c', windows: [{ max: 2, perMs: HOUR_MS }] }] as const;
  expect(await store.accept(draft({}), { limits: members })).toMatchObject({ kind: 'limited', scope: 'source_numbers' });
  expect(await store.forgetNumber(['a'])).toBe(0);
  expect(await store.nextDueAt()).toBe(start);
  await store.close();
  rmSync(folder, { recursive: true });
});

test.each([1, 2, 3])('of what ended in version %i nobody is told late, and what goes on is told of', async (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-upgrade-'));
  const path = join(folder, 'ringback.db');
  const clock = fakeClock();
  const start = clock.now();
  const old = openSqlite({ path, migrations: MIGRATIONS.slice(0, version) });
  const insert = old.prepare(
    `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, scheduled_for, dial_before, attempts, fence,
     due_step, due_at, look_at, held_until, ended_at) VALUES (?, 'default', ?, ?, 'sealed', 'DE', ?, ?, ?, 1, 1, ?, ?, ?, ?, ?)`,
  );
  const add = (id: string, state: string, dueStep: string, dueAt: number, endedAt: number | null, slot: number | null = null) =>
    insert.run(id, state, id, start - 10, slot, start, dueStep, dueAt, dueAt, start, endedAt);
  const slot = start + HOUR_MS;
  add('missed', 'missed', 'forget', start + 30 * DAY_MS, start - 5);
  add('expired', 'expired', 'forget', start + 30 * DAY_MS, start - 5);
  add('placed', 'placed', 'check', start + 1, null);
  add('planned', 'scheduled', 'dial', slot, null, slot);
  old.close();

  const store = sqliteStore({ path, clock });
  expect(await store.listMessages({}, 10)).toEqual([]);
  expect(await store.find('missed')).toMatchObject({ state: 'missed', talkedMs: undefined, charged: undefined, currency: undefined });
  expect(await store.nextDueAt()).toBe(start + 1);
  expect(await store.countScheduled('default', undefined, start, slot + 1)).toEqual(new Map([[slot, 1]]));
  const asked = { site: 'default', idempotencyKey: 'new', fingerprint: 'print', numberKey: 'new', sealedNumber: 'sealed', country: 'DE' };
  const late = { ...asked, id: 'late', scheduledFor: slot, dialWithinMs: 1, holdMs: 0 };
  expect(await store.accept(late, { limits: [], slot: { capacity: 1 } })).toEqual({ kind: 'slot_taken' });

  clock.set(start + 1);
  await store.takeDue(1, (_, now) => ({ state: 'missed', endedAt: now, dueStep: 'forget', dueAt: now, talkedMs: 0, leads: ['crm'] }));
  expect(await store.takeMessages(10, 1_000)).toMatchObject([{ id: 'placed.crm', callId: 'placed' }]);
  await store.close();
  rmSync(folder, { recursive: true });
});

test.each([2, 3, 4, 5])('a call that was put at a slot in version %i counts when it may ring', async (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-upgrade-'));
  const path = join(folder, 'ringback.db');
  const clock = fakeClock();
  const slot = clock.now() + 30 * HOUR_MS;
  const old = openSqlite({ path, migrations: MIGRATIONS.slice(0, version) });
  old
    .prepare(
      `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, scheduled_for, dial_before, attempts, fence,
       due_step, due_at, look_at, held_until) VALUES ('planned', 'default', 'scheduled', 'same', 'sealed', 'DE', 1, ?, ?, 0, 0, 'dial',
       ?, ?, ?)`,
    )
    .run(slot, slot + 1, slot, slot, slot + 1);
  old.close();

  const store = sqliteStore({ path, clock });
  clock.set(slot + 1);
  const asked = { id: 'new', site: 'default', idempotencyKey: 'new', fingerprint: 'print', numberKey: 'same', sealedNumber: 'sealed' };
  const limits = [{ scope: 'number', key: 'same', windows: [{ max: 1, perMs: HOUR_MS }] }] as const;
  const refused = { kind: 'limited', scope: 'number', retryAt: slot + 1 + HOUR_MS };
  expect(await store.accept({ ...asked, country: 'DE', dialWithinMs: 1, holdMs: 0 }, { limits })).toEqual(refused);
  await store.close();
  rmSync(folder, { recursive: true });
});

test.each([1, 2])('calls that ended in version %i without a step to forget them are forgotten after thirty days', async (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-upgrade-'));
  const path = join(folder, 'ringback.db');
  const clock = fakeClock();
  const start = clock.now();
  const old = openSqlite({ path, migrations: MIGRATIONS.slice(0, version) });
  const insert = old.prepare(
    `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, dial_before, attempts, fence, due_step,
     due_at, look_at, held_until, ended_at) VALUES (?, 'default', ?, ?, ?, 'DE', ?, ?, 1, 1, ?, ?, ?, ?, ?)`,
  );
  const add = (id: string, state: string, sealed: string, dueStep: string | null, dueAt: number | null, endedAt: number | null) =>
    insert.run(id, state, id, sealed, start - 10, start, dueStep, dueAt, dueAt, start, endedAt);
  add('ended', 'connected', 'sealed', null, null, start + 5);
  add('undated', 'refused', 'sealed', null, null, null);
  add('open', 'placed', 'sealed', 'check', start + 40 * DAY_MS, null);
  add('forgotten', 'missed', '', null, null, start + 5);
  add('planned', 'missed', 'sealed', 'forget', start + 50 * DAY_MS, start + 5);
  old.close();

  const store = sqliteStore({ path, clock });
  expect(await store.find('ended')).toMatchObject({ state: 'connected', dueStep: 'forget', dueAt: start + 5 + 30 * DAY_MS });
  expect(await store.find('undated')).toMatchObject({ dueStep: 'forget', dueAt: start + 30 * DAY_MS });
  expect(await store.find('open')).toMatchObject({ dueStep: 'check', dueAt: start + 40 * DAY_MS });
  expect(await store.find('forgotten')).toMatchObject({ dueStep: undefined, dueAt: undefined });
  expect(await store.find('planned')).toMatchObject({ dueStep: 'forget', dueAt: start + 50 * DAY_MS });
  expect(await store.nextDueAt()).toBe(start + 30 * DAY_MS);

  clock.set(start + 5 + 30 * DAY_MS);
  const taken = await store.takeDue(10, () => ({ forget: true }));
  expect(taken.map(({ before }) => before.id).toSorted()).toEqual(['ended', 'undated']);
  expect(await store.find('ended')).toMatchObject({ sealedNumber: '', state: 'connected', endedAt: start + 5 });
  await store.close();
  rmSync(folder, { recursive: true });
});

test.each([1, 2, 3, 4, 5])('a database of version %i takes credentials, and keeps its calls', async (version) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringback-upgrade-'));
  const path = join(folder, 'ringback.db');
  const clock = fakeClock();
  const old = openSqlite({ path, migrations: MIGRATIONS.slice(0, version) });
  old
    .prepare(
      `INSERT INTO calls (id, site, state, number_key, sealed_number, country, accepted_at, dial_before, attempts, fence, due_step,
       due_at, look_at, held_until) VALUES ('waiting', 'default', 'accepted', 'number', 'sealed', 'DE', 1, 2, 0, 0, 'dial', 1, 1, 2)`,
    )
    .run();
  old.close();

  const store = sqliteStore({ path, clock });
  expect(await store.readCredential('portal')).toBeUndefined();
  expect(await store.swapCredential('portal', undefined, 'sealed')).toBe(true);
  expect(await store.readCredential('portal')).toMatchObject({ sealed: 'sealed' });
  expect(await store.find('waiting')).toMatchObject({ state: 'accepted', dueStep: 'dial', unreadSince: undefined });
  await store.amend('waiting', () => ({ unreadSince: 7 }));
  expect(await store.find('waiting')).toMatchObject({ state: 'accepted', unreadSince: 7 });
  await store.close();
  rmSync(folder, { recursive: true });
});
