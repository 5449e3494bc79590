/** `fetch` for the relay under test: what it asks travels to the harness, which is the whole rest of the world. */

import { type FreshInit, NotSent } from '../../providers/not-sent.ts';
import type { CrashPoint, Pass } from './crash-points.ts';
import { type WireAnswer, type WireRequest, writeWireRequest } from './wire.ts';

type Errand = 'dial' | 'read' | 'lead';

export interface WireFetch {
  readonly fetch: typeof fetch;
  /** The harness answers; one that nobody waits for any more is dropped. */
  answer(id: number, answer: WireAnswer): void;
}

/** `send` resolves when the request has left the process. */
export function wireFetch(pass: Pass, send: (id: number, request: WireRequest) => Promise<void>): WireFetch {
  const waiting = new Map<number, (answer: WireAnswer) => void>();
  let asked = 0;

  return {
    async fetch(input, init: FreshInit = {}) {
      asked += 1;
      const id = asked;
      const sent = new Request(input, init);
      const errand = errandOf(sent.url);
      const request = await writeWireRequest(sent);
      pass(pointOf(errand, 'before'));
      if (init.maySend?.() === false) throw new NotSent('out_of_time');
      const answered = new Promise<WireAnswer>((resolve, reject) => {
        waiting.set(id, resolve);
        init.signal?.addEventListener('abort', () => reject(init.signal?.reason), { once: true });
      });
      // Whoever gives up may do so before the words have left.
      answered.catch(() => {});
      await send(id, request);
      pass(pointOf(errand, 'sent'));
      try {
        const answer = await answered;
        pass(pointOf(errand, 'answered'));
        return readAnswer(answer);
      } finally {
        waiting.delete(id);
      }
    },
    answer(id, answer) {
      waiting.get(id)?.(answer);
    },
  };
}

function errandOf(url: string): Errand {
  if (url.endsWith('/voximplant.callback.start')) return 'dial';
  return url.includes('/rest/') ? 'read' : 'lead';
}

function pointOf(errand: Errand, side: 'before' | 'sent' | 'answered'): CrashPoint {
  return `${errand}:${side}`;
}

function readAnswer(answer: WireAnswer): Response {
  switch (answer.kind) {
    case 'response':
      return new Response(answer.body === '' ? null : answer.body, {
        status: answer.status,
        headers: answer.headers.map(([name, value]) => [name, value]),
      });
    case 'broken':
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }) });
    case 'unreachable':
      throw new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', syscall: 'connect' }),
      });
    default:
      return answer satisfies never;
  }
}
