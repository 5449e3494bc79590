/** Where the relay is reached from outside, as it is given to a command. */
import { UsageError } from './usage-error.ts';

/** Without a slash at its end. A path stays: a proxy may serve the relay under one. */
export function readBase(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && `${url.search}${url.hash}${url.username}` === '';
  if (!isPlain) throw new UsageError('Give --base the address of the relay, such as https://relay.example.');
  return url.href.replace(/\/+$/, '');
}
