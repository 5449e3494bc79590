/** Has an order carried out: by the relay that runs, or here and now where none does. */
import { accessSync, constants, existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { sqliteStore } from '../store/sqlite-store.ts';
import type { Store } from '../store/store.ts';
import { type Vault, vault } from '../store/vault.ts';
import { carryOutOrders } from './carry-out-orders.ts';
import { makesForOwnerOf } from './file-owner.ts';
import { systemClock } from './node-clock.ts';
import { type ControlFolder, type ControlOrder, controlFolder, type RelayOrder } from './node-control.ts';
import { readSecrets } from './node-secret.ts';

/** A relay looks once a second. */
const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 50;
/** Long enough for another command to finish, and no longer: mostly it is a relay, which stays. */
export const GLANCE_MS = 300;

/** `waiting`: a relay runs and has not come to it yet; the order stays. `rejected`: its secret is another. */
export type Delivery = 'done' | 'waiting' | 'rejected';

/** The folder for a relay's switches and orders. Throws where these settings describe no relay that ever ran here. */
export function openControl(config: Config): ControlFolder {
  const { path } = config.store;
  if (path === ':memory:') throw new Error('This relay keeps its calls in memory: there is nothing that another process could reach.');
  if (!existsSync(path)) {
    throw new Error(`There is no database ${path}. Give the command in the folder and with the settings of the relay (RINGBACK_STORE).`);
  }
  const folder = controlFolder(path);
  try {
    if (!existsSync(folder.path) && !makesForOwnerOf(path)) throw new Error('it would not belong to the relay');
    folder.make();
    accessSync(folder.path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'for an unknown reason';
    throw new Error(`${folder.path} cannot be used: ${why}. Give the command as the user to whom ${path} belongs, or as root.`);
  }
  return folder;
}

/** `log` is told what was done where it is done here. */
export async function deliverOrder(order: ControlOrder, config: Config, log: Log): Promise<Delivery> {
  return (await deliver(order, config, log)).delivery;
}

/** Whether a process holds the database, which a relay does from its start to its end. */
export async function isRelayRunning({ store: { path } }: Config): Promise<boolean> {
  if (path === ':memory:' || !existsSync(path)) return false;
  const store = openUnlessHeld(path, GLANCE_MS);
  await store?.close();
  return store === undefined;
}

/** For a relay that is known to run. */
export async function leaveForRelay(
  order: RelayOrder,
  { folder, config, waitMs = WAIT_MS }: { folder: ControlFolder; config: Config; waitMs?: number },
): Promise<{ delivery: Delivery; answer: unknown }> {
  const id = folder.leave(order, { seal: (text, context) => vaultOf(config).seal(text, context) });
  const delivery = await settled(id, folder, waitMs);
  if (delivery === 'waiting') folder.remove(id);
  return { delivery, answer: folder.takeAnswer(id) };
}

/** Has a question answered; the answer is undefined unless it was `done`. A question that nobody came to is taken back. */
export async function askRelay(order: ControlOrder, config: Config): Promise<{ delivery: Delivery; answer: unknown }> {
  const { id, folder, delivery } = await deliver(order, config, () => {});
  if (delivery === 'waiting') folder.remove(id);
  return { delivery, answer: folder.takeAnswer(id) };
}

async function deliver(order: ControlOrder, config: Config, log: Log) {
  const folder = openControl(config);
  const safe = vaultOf(config);
  // Left first, so that whoever holds the database, now or in a moment, finds it.
  const id = folder.leave(order, safe);
  const store = openUnlessHeld(config.store.path);
  if (store !== undefined) {
    try {
      await carryOutOrders([id], { folder, store, vault: safe, log });
    } finally {
      await store.close();
    }
  }
  return { id, folder, delivery: await settled(id, folder) };
}

/** Asked for only where a number is to be sealed or opened: where there is no secret yet, reading it makes one. */
function vaultOf(config: Config): Vault {
  const { secret, previous } = readSecrets(config);
  return vault(secret, previous);
}

/** Undefined where another process holds it: the relay. */
export function openUnlessHeld(path: string, lockWaitMs?: number): Store | undefined {
  try {
    return sqliteStore({ path, clock: systemClock, lockWaitMs });
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof Error && 'code' in cause && String(cause.code).startsWith('SQLITE_BUSY')) return undefined;
    throw error;
  }
}

async function settled(id: string, folder: ControlFolder, waitMs = WAIT_MS): Promise<Delivery> {
  const until = systemClock.now() + waitMs;
  while (folder.stateOf(id) === 'waiting' && systemClock.now() < until) {
    await new Promise<void>((resolve) => systemClock.after(LOOK_EVERY_MS, resolve));
  }
  const state = folder.stateOf(id);
  return state === 'gone' ? 'done' : state;
}
