/** Looks into the control folder once a second: which switches are set, and what is to be carried out. */
import type { Switches } from '../calls/call-rules.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { carryOutOrders, type OrderTools } from './carry-out-orders.ts';
import type { ControlState } from './node-control.ts';

const LOOK_EVERY_MS = 1_000;

export interface ControlWatch {
  /** As the folder stood at the last look. */
  switches(): Switches;
  /** Waits for an order that is being carried out. */
  stop(): Promise<void>;
}

/** The first look is taken before this returns: a pause outlasts a restart. Throws where the folder cannot be read then. */
export function watchControl(options: OrderTools & { clock: Clock; onChange: () => void }): ControlWatch {
  const { folder, clock, log, onChange } = options;
  let state: ControlState = folder.read();
  let failed = false;
  let stopped = false;
  let cancelTimer = () => {};
  /** By the id of the order. One that asks a provider takes a while, and a pause must not wait for it. */
  const underWay = new Map<string, Promise<void>>();
  tell(undefined, state, log);
  carryOutAll();

  function look(): void {
    try {
      const before = state;
      state = folder.read();
      failed = false;
      if (tell(before, state, log)) onChange();
    } catch {
      // A pause is not lifted because its folder cannot be read.
      if (!failed) log({ level: 'error', event: 'control.unreadable', message: `${folder.path} cannot be read; pauses stay as they are.` });
      failed = true;
    }
    carryOutAll();
  }

  function carryOutAll(): void {
    for (const id of state.requests) if (!underWay.has(id)) underWay.set(id, carryOut(id));
    if (!stopped) cancelTimer = clock.after(LOOK_EVERY_MS, look);
  }

  async function carryOut(id: string): Promise<void> {
    try {
      await carryOutOrders([id], options);
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown';
      log({ level: 'error', event: 'control.failed', message: `An order could not be carried out and will be tried again (${name}).` });
    } finally {
      underWay.delete(id);
    }
  }

  return {
    switches: () => state,
    async stop() {
      stopped = true;
      cancelTimer();
      await Promise.all(underWay.values());
    },
  };
}

/** True if a switch was turned. */
function tell(before: ControlState | undefined, now: ControlState, log: Log): boolean {
  let changed = false;
  const say = (paused: boolean, site?: string) => {
    changed = true;
    const message = paused ? 'Nothing is accepted and nothing is dialled until it is resumed.' : 'Requests are accepted again.';
    log({ level: 'warn', event: paused ? 'control.paused' : 'control.resumed', ...(site === undefined ? {} : { site }), message });
  };
  if (now.paused !== (before?.paused ?? false)) say(now.paused);
  for (const site of now.pausedSites) if (before?.pausedSites.has(site) !== true) say(true, site);
  for (const site of before?.pausedSites ?? []) if (!now.pausedSites.has(site)) say(false, site);
  return changed;
}
