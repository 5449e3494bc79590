/** The end of a call as the operator sees it: one line, and a notice where something in the set-up stands in the way of every call. */
import type { EndNews } from '../providers/provider.ts';
import type { Call } from '../store/call.ts';
import type { CallsContext } from './calls.ts';

export async function reportEnd(call: Call, { fault, advice }: EndNews, provider: string, { log, notify }: CallsContext): Promise<void> {
  const ended = { event: 'call.ended', callId: call.id, site: call.site, state: call.state, fault };
  if (advice === undefined) return log({ level: 'info', ...ended });
  log({ level: 'error', ...ended, message: advice });
  await notify({ topic: `provider:${provider}:${fault}`, site: call.site, text: `Provider account ${provider}: ${advice}` });
}
