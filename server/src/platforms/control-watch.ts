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

/** The first look is taken before this returns: a pause outlasts a restart. */
export function watchControl(options: OrderTools & { clock: Clock; onChange: () => void }): ControlWatch {
  const { folder, clock, log, onChange } = options;
  let state: ControlState = { paused: false, pausedSites: new Set(), requests: [] };
  let failed = false;
  let stopped = false;
  let cancelTimer = () => {};
  /** By the id of the order. One that asks a provider takes a while, and a pause must not wait for it. */
  const underWay = new Map<string, Promise<void>>();
  /** How often an order has failed, by its id. */
  const failures = new Map<string, number>();
  // So that it is the relay's own, whoever gives the first command.
  read(() => folder.make());
  carryOutAll();

  function look(): void {
    if (read(() => {})) onChange();
    carryOutAll();
  }

  /** True if a switch was turned. */
  function read(prepare: () => void): boolean {
    const before = state;
    try {
      prepare();
      state = folder.read();
      failed = false;
    } catch (error) {
      // Nobody knows whether it is to be paused, and whoever paused it has been told that it is.
      state = { ...state, paused: true, requests: [] };
      if (!failed) log({ level: 'error', event: 'control.unreadable', message: UNREADABLE(folder.path, codeOf(error)) });
      failed = true;
    }
    return tell(before, state, log);
  }

  function carryOutAll(): void {
    for (const id of state.requests) if (!underWay.has(id)) underWay.set(id, carryOut(id));
    if (!stopped) cancelTimer = clock.after(LOOK_EVERY_MS, look);
  }

  async function carryOut(id: string): Promise<void> {
    try {
      await carryOutOrders([id], options);
      failures.delete(id);
    } catch (error) {
      countFailure(id, error);
    } finally {
      underWay.delete(id);
    }
  }

  /** Told ever more seldom: it is tried again every second, and may be for days. */
  function countFailure(id: string, error: unknown): void {
    const times = (failures.get(id) ?? 0) + 1;
    failures.set(id, times);
    if (!Number.isInteger(Math.log2(times))) return;
    const message = `An order in ${folder.path} could not be carried out and will be tried again (${codeOf(error)}).`;
    log({ level: 'error', event: 'control.failed', message });
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

const UNREADABLE = (path: string, code: string) =>
  `${path} cannot be read (${code}), so nobody can say whether everything is paused: nothing is accepted and nothing is dialled until ` +
  'it can be. It has to be a folder of the user that the relay runs as.';

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  return 'code' in error ? String(error.code) : error.name;
}

/** True if a switch was turned. */
function tell(before: ControlState, now: ControlState, log: Log): boolean {
  let changed = false;
  const say = (paused: boolean, site?: string) => {
    changed = true;
    const message = paused ? 'Nothing is accepted and nothing is dialled until it is resumed.' : 'Requests are accepted again.';
    log({ level: 'warn', event: paused ? 'control.paused' : 'control.resumed', ...(site === undefined ? {} : { site }), message });
  };
  if (now.paused !== before.paused) say(now.paused);
  for (const site of now.pausedSites) if (!before.pausedSites.has(site)) say(true, site);
  for (const site of before.pausedSites) if (!now.pausedSites.has(site)) say(false, site);
  return changed;
}
