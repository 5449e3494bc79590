/** When each provider account's events last arrived, so that whoever sets one up can see whether they do. Kept in memory. */
import type { Clock } from '../clock.ts';

export interface EventSighting {
  provider: string;
  /** Epoch ms of the last one that was believed, and of the last one that did not prove itself. */
  believedAt?: number | undefined;
  forgedAt?: number | undefined;
}

export interface EventSightings {
  /** Hands the answer through as it is. */
  watch(request: Request, response: Response | Promise<Response>): Response | Promise<Response>;
  list(): readonly EventSighting[];
}

export function eventSightings(clock: Clock): EventSightings {
  const seen = new Map<string, EventSighting>();

  function note(name: string, status: number): void {
    // Whatever else is answered, it was not the right address.
    if (status !== 200 && status !== 204 && status !== 403) return;
    const provider = decodeURIComponent(name);
    const at = clock.now();
    seen.set(provider, { ...(seen.get(provider) ?? { provider }), ...(status === 403 ? { forgedAt: at } : { believedAt: at }) });
  }

  return {
    watch(request, response) {
      const name = EVENT_ADDRESS.exec(request.url)?.[1];
      // An empty body is somebody who looks whether the address is right.
      if (name === undefined || request.headers.get('content-length') === '0') return response;
      return Promise.resolve(response).then((answered) => {
        note(name, answered.status);
        return answered;
      });
    },
    list: () => [...seen.values()],
  };
}

const EVENT_ADDRESS = /^https?:\/\/[^/]+\/events\/([^/?]+)\//;
