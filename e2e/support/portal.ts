/** A simulated Bitrix24 portal on a loopback socket. Its telephones are the truth about who was rung. */
import { loadSimulator } from './built.ts';

/** One dial that was carried out. */
export interface Dial {
  readonly callId: string;
  readonly line: string;
  readonly number: string;
  readonly announcement: string;
}

export type Misbehaviour =
  | { kind: 'error'; name: 'badNumber' | 'noRight' | 'unknownLine' }
  | { kind: 'hang' | 'drop'; executes: boolean }
  | { kind: 'without_call_id' };

export interface PortalRequest {
  readonly httpMethod: string;
  readonly contentType: string;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

export interface Portal {
  readonly webhookUrl: string;
  /** As they are now, oldest first. */
  readonly dials: readonly Dial[];
  /** Of the one method that rings; everything else only reads. */
  dialRequests(): readonly PortalRequest[];
  /** The next order to ring gets this instead. */
  misbehave(behaviour: Misbehaviour): void;
  close(): Promise<void>;
}

export const LINE = 'reg1332';

const DIAL_METHOD = 'voximplant.callback.start';

interface SimulatedPortal {
  readonly telephones: { readonly dials: readonly Dial[] };
  readonly requests: readonly PortalRequest[];
  misbehave(method: string, behaviour: Misbehaviour): void;
}

interface PortalExports {
  bitrix24Portal(options: object): SimulatedPortal;
}

interface ServeExports {
  servePortal(portal: SimulatedPortal): Promise<{ webhookUrl: string; close(): Promise<void> }>;
}

export async function startPortal(): Promise<Portal> {
  const { bitrix24Portal } = await loadSimulator<PortalExports>('portal');
  const { servePortal } = await loadSimulator<ServeExports>('serve-portal');
  const portal = bitrix24Portal({ clock, userId: '1', webhookSecret: 'k3y', lines: { [LINE]: 'Office' } });
  const { webhookUrl, close } = await servePortal(portal);
  return {
    webhookUrl,
    get dials() {
      return portal.telephones.dials;
    },
    dialRequests: () => portal.requests.filter(({ method }) => method === DIAL_METHOD),
    misbehave: (behaviour) => portal.misbehave(DIAL_METHOD, behaviour),
    close,
  };
}

/** The time of simulators. */
export const clock = {
  now: () => Date.now(),
  after(delayMs: number, task: () => void): () => void {
    // A telephone that still rings must not keep the test runner from going home.
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
};
