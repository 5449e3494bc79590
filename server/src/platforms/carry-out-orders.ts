/** What commands have left in the control folder, done to the store by whoever holds it: the relay, or a command while none runs. */
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import type { Vault } from '../store/vault.ts';
import type { ControlFolder, ControlOrder } from './node-control.ts';
import { answerAtDesk, type RelayDesk } from './relay-desk.ts';

/** Of each state. */
const MAX_LISTED = 200;

export interface OrderTools {
  folder: ControlFolder;
  store: Pick<Store, 'forgetNumber' | 'optOut' | 'listMessages' | 'retryQuarantined'>;
  vault: Vault;
  log: Log;
  /** Undefined, or absent, while it is no relay that carries them out: what only a relay can do then stays where it is. */
  desk?: (() => RelayDesk | undefined) | undefined;
}

/** Rejects where the store does, or the folder; the order then stays and is carried out another time, which does no harm. */
export async function carryOutOrders(ids: readonly string[], tools: OrderTools): Promise<void> {
  for (const id of ids) {
    const order = openOrder(id, tools);
    if (order === undefined) continue;
    if (await carryOut(id, order, tools)) tools.folder.remove(id);
  }
}

function openOrder(id: string, { folder, vault, log }: OrderTools): ControlOrder | undefined {
  const order = folder.open(id, vault);
  if (order !== undefined) return order;
  // Left in its place it would be tried each second.
  folder.reject(id);
  const message = `An order in ${folder.path} was put aside: it was not left with the secret of this relay. Give the command again, with the relay's own settings.`;
  log({ level: 'error', event: 'control.rejected', message });
  return undefined;
}

/** False where it has to wait. A number is known by its hash under every secret that was ever in use. */
async function carryOut(id: string, order: ControlOrder, { folder, store, vault, log, desk }: OrderTools): Promise<boolean> {
  switch (order.kind) {
    case 'forget':
      log({ level: 'info', event: 'number.forgotten', calls: await store.forgetNumber(vault.keysOf('number', order.number)) });
      return true;
    case 'opt_out':
      await store.optOut(vault.keysOf('number', order.number), order.until);
      log({ level: 'info', event: 'number.opted_out', until: new Date(order.until).toISOString() });
      return true;
    case 'list_messages': {
      const lists = await Promise.all(order.states.map((state) => store.listMessages({ state }, MAX_LISTED)));
      folder.answer(id, lists.flat());
      return true;
    }
    case 'retry_messages': {
      const count = await store.retryQuarantined();
      log({ level: 'info', event: 'messages.retried', count });
      folder.answer(id, count);
      return true;
    }
    case 'call':
    case 'view_call':
    case 'cancel_call':
    case 'hang_up':
    case 'report':
    case 'verify':
    case 'ask_portal': {
      const open = desk?.();
      if (open !== undefined) folder.answer(id, await answerAtDesk(id, order, open));
      return open !== undefined;
    }
  }
}
