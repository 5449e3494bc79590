/**
 * A hosted check: its vendor's script runs on a page of the relay, in a frame that nobody sees, so that the site's own page never
 * runs it.
 */
import type { Clock } from '../clock.ts';

export interface CheckOptions {
  /** Of that page. */
  address: string;
  /** Where the frame stands as long as the check takes. */
  place: ParentNode;
  clock: Clock;
  signal: AbortSignal;
}

/** A check that asks nothing of the visitor takes a second or two. */
const TOKEN_WITHIN_MS = 10_000;

/** The text for `proof`. Rejects where the check failed, said nothing in time, or was called off. */
export function runCheck({ address, place, clock, signal }: CheckOptions): Promise<string> {
  const over = new AbortController();
  const frame = Object.assign(document.createElement('iframe'), {
    src: `${address}?origin=${location.origin}`,
    // Out of reach of eyes, pointer, keyboard and screen reader, but in the window: what is outside of it, browsers slow down.
    // Set as a property, which no policy forbids.
    style: 'position:fixed;top:0;visibility:hidden',
  });
  return new Promise<string>((resolve, reject) => {
    const { origin: relayOrigin } = new URL(address);
    const listener = ({ source, origin, data }: MessageEvent) => {
      // Whatever else a vendor's script may say is not for us.
      const isOurs = source === frame.contentWindow && origin === relayOrigin && data?.proof != null;
      if (isOurs) data.proof ? resolve(data.proof) : reject();
    };
    window.addEventListener('message', listener, over);
    signal.addEventListener('abort', reject, over);
    clock.after(TOKEN_WITHIN_MS, reject);
    place.append(frame);
  }).finally(() => {
    over.abort();
    frame.remove();
  });
}
