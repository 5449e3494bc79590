/** What the relay under test and the harness say to each other. Requests and answers travel as plain data. */
import type { LogEntry } from '../../log.ts';
import type { CrashPlan, WritingVerb } from './crash-points.ts';

export interface WireRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: string | undefined;
}

export type WireAnswer =
  | { readonly kind: 'response'; readonly status: number; readonly headers: readonly (readonly [string, string])[]; readonly body: string }
  /** The connection broke after the request had been sent. */
  | { readonly kind: 'broken' }
  /** No connection came about. */
  | { readonly kind: 'unreachable' };

/** The process stands still at a point of its own, for so long. */
export interface Freeze extends CrashPlan {
  readonly ms: number;
}

/** What the harness tells the relay. Times are those of the harness's clock, in epoch ms. */
export type Order =
  | {
      readonly kind: 'open';
      readonly path: string;
      readonly now: number;
      readonly plan: CrashPlan | undefined;
      readonly freeze: Freeze | undefined;
      readonly seed: string;
    }
  | { readonly kind: 'request'; readonly id: number; readonly request: WireRequest; readonly address: string }
  /** Runs what is due until then, but stops as soon as it has something to say. */
  | { readonly kind: 'advance'; readonly until: number }
  /** It is later than it thought: timers that have come due meanwhile run late. */
  | { readonly kind: 'freeze'; readonly until: number }
  /** What somebody at the command line asks of it. */
  | { readonly kind: 'operate'; readonly verb: OperatorVerb; readonly number: string }
  /** To one of its own requests. */
  | { readonly kind: 'answer'; readonly id: number; readonly answer: WireAnswer };

export type OperatorVerb = Extract<WritingVerb, 'optOut' | 'forgetNumber' | 'retryQuarantined'>;

export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'opened'; readonly eventPaths: Readonly<Record<string, string>> }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: WireAnswer }
  | { readonly kind: 'request'; readonly id: number; readonly request: WireRequest; readonly now: number }
  /** Nothing is left to do at this time but to wait for answers. */
  | { readonly kind: 'quiet'; readonly now: number }
  | { readonly kind: 'log'; readonly entry: LogEntry; readonly now: number };

export function readWireRequest({ url, method, headers, body }: WireRequest): Request {
  return new Request(url, { method, headers: headers.map(([name, value]) => [name, value]), ...(body !== undefined && { body }) });
}

export async function writeWireRequest(request: Request): Promise<WireRequest> {
  const body = request.body === null ? undefined : await request.text();
  return { url: request.url, method: request.method, headers: [...request.headers], body };
}

/** A body that breaks off is a broken connection. */
export async function writeWireAnswer(response: Response): Promise<WireAnswer> {
  try {
    return { kind: 'response', status: response.status, headers: [...response.headers], body: await response.text() };
  } catch {
    return { kind: 'broken' };
  }
}
