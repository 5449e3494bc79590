/** The relay under test from the harness's side. Processes start slowly, so the next ones are made ready while one is being used. */
import { type ChildProcess, fork } from 'node:child_process';
import type { LogEntry } from '../../log.ts';
import type { CrashPlan } from './crash-points.ts';
import type { Freeze, OperatorVerb, Order, Report, WireAnswer, WireRequest } from './wire.ts';

export interface RelayHooks {
  /** What time it is where the next thing happens. */
  setTime: (now: number) => void;
  /** A request of the relay's own; an answer that never comes is a line that hangs. */
  answer: (request: WireRequest) => Promise<WireAnswer>;
  log: (entry: LogEntry) => void;
}

export interface OpenOptions extends RelayHooks {
  path: string;
  now: number;
  plan: CrashPlan | undefined;
  freeze: Freeze | undefined;
  seed: string;
}

export interface RelayProcess {
  /** Resolves when the relay stands on its database. */
  readonly opened: Promise<void>;
  /** Where the portal of each account delivers its events; empty until then. */
  readonly eventPaths: Readonly<Record<string, string>>;
  /** The relay's answer to a visitor or a provider; rejects with `ProcessDied`, as everything here does once it is dead. */
  request(request: WireRequest, address: string): Promise<WireAnswer>;
  /** Somebody at the command line asks for it. */
  operate(verb: OperatorVerb, number: string): void;
  /** Lets the relay run until then, or until it says something; answers what time it is there. Afterwards it only waits. */
  advance(until: number): Promise<number>;
  /** As if it had stood still until then. */
  freeze(until: number): void;
  /** Kills it, now or after so much of real time. */
  kill(afterMs?: number): void;
  /** Resolves when it is gone and everything that it said has been heard; `killed` is false where it ended by itself. */
  readonly gone: Promise<{ killed: boolean; said: string }>;
}

export class ProcessDied extends Error {
  override readonly name = 'ProcessDied';
}

export interface RelayProcesses {
  open(options: OpenOptions): RelayProcess;
  stop(): void;
}

const SPARES = 2;
/** Turns of the event loop in which the simulated portal works out an answer. */
const ANSWER_TURNS = 10;

/** `script`: the bundled crash-child.ts. */
export function relayProcesses(script: string): RelayProcesses {
  const spares: ChildProcess[] = [];
  const refill = () => {
    while (spares.length < SPARES) {
      spares.push(fork(script, { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'json' }));
    }
  };
  refill();

  return {
    open(options) {
      const child = spares.shift();
      refill();
      if (child === undefined) throw new Error('No process is ready.');
      return openRelay(child, options);
    },
    stop() {
      for (const child of spares.splice(0)) child.kill('SIGKILL');
    },
  };
}

function openRelay(child: ChildProcess, { setTime, answer, log, ...opening }: OpenOptions): RelayProcess {
  const answers = new Map<number, (answer: WireAnswer) => void>();
  let asked = 0;
  let eventPaths: Readonly<Record<string, string>> = {};
  let onOpened = () => {};
  let onQuiet = (_now: number) => {};
  /** Grows with every word in either direction, except about the time. */
  let words = 0;
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });

  const ended = new Promise<{ killed: boolean; said: string }>((resolve) => {
    child.once('close', (_code, signal) => resolve({ killed: signal === 'SIGKILL', said: stderr }));
  });
  // What it said last may be heard only after its end.
  const heard = new Promise<void>((resolve) => child.once('disconnect', resolve));
  const gone = heard.then(() => ended);
  const died = gone.then(() => Promise.reject(new ProcessDied('The relay is gone.')));
  died.catch(() => {});

  function tell(order: Order): void {
    if (order.kind !== 'advance') words += 1;
    // A process that has just died takes no orders, and its end is told by `gone`.
    if (child.connected) child.send(order, () => {});
  }

  child.on('message', (message) => {
    const report = message as Report;
    if (report.kind !== 'quiet') words += 1;
    switch (report.kind) {
      case 'ready':
        return;
      case 'opened':
        eventPaths = report.eventPaths;
        return onOpened();
      case 'quiet':
        return onQuiet(report.now);
      case 'log':
        setTime(report.now);
        return log(report.entry);
      case 'answer':
        answers.get(report.id)?.(report.answer);
        return;
      case 'request':
        setTime(report.now);
        void answer(report.request).then((answered) => tell({ kind: 'answer', id: report.id, answer: answered }));
        return;
      default:
        return report satisfies never;
    }
  });

  const hasOpened = new Promise<void>((resolve) => {
    onOpened = resolve;
  });
  tell({ kind: 'open', ...opening });
  const opened = Promise.race([hasOpened, died]);

  async function advanceOnce(until: number): Promise<number> {
    const quiet = new Promise<number>((resolve) => {
      onQuiet = resolve;
    });
    tell({ kind: 'advance', until });
    return Promise.race([quiet, died]);
  }

  return {
    opened,
    get eventPaths() {
      return eventPaths;
    },
    gone,
    request(request, address) {
      asked += 1;
      const id = asked;
      const answered = new Promise<WireAnswer>((resolve) => answers.set(id, resolve));
      tell({ kind: 'request', id, request, address });
      return Promise.race([answered, died]);
    },
    operate(verb, number) {
      tell({ kind: 'operate', verb, number });
    },
    async advance(until) {
      let now = await advanceOnce(until);
      for (;;) {
        const before = words;
        for (let turn = 0; turn < ANSWER_TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
        if (words === before) return now;
        now = await advanceOnce(now);
      }
    },
    freeze(until) {
      tell({ kind: 'freeze', until });
    },
    kill(afterMs) {
      if (afterMs === undefined) child.kill('SIGKILL');
      else setTimeout(() => child.kill('SIGKILL'), afterMs);
    },
  };
}
