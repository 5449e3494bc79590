/** Bitrix24 by inbound webhook: one secret address that has the rights of whoever made it. */
import type { Clock } from '../../clock.ts';
import type { Secret } from '../../config/secret.ts';
import type { Provider } from '../provider.ts';
import { bitrix24Account } from './bitrix24-account.ts';
import { bitrix24Client } from './bitrix24-client.ts';
import { readEvent } from './bitrix24-events.ts';
import { verifyLine } from './bitrix24-setup.ts';
import { parseWebhookUrl } from './webhook-url.ts';

export interface Bitrix24Options {
  /** Of the account in the configuration. */
  name: string;
  /** `https://<portal>/rest/<user id>/<secret>/`; throws what is wrong with it, without repeating it. */
  webhookUrl: Secret;
  /** `application_token` of the portal's outgoing webhook; without it every event counts as forged. */
  eventToken?: Secret | undefined;
  /** Must open a fresh connection for every request and never send one twice. */
  fetch: typeof fetch;
  clock: Clock;
}

export function bitrix24({ name, webhookUrl, eventToken, fetch, clock }: Bitrix24Options): Provider {
  const parsed = parseWebhookUrl(webhookUrl.reveal());
  if (!parsed.ok) throw new Error(parsed.fault);
  const client = bitrix24Client({ webhook: parsed.webhook, fetch, clock });
  return bitrix24Account({
    name,
    client,
    host: () => parsed.webhook.host,
    reportsEvents: (eventToken?.reveal() ?? '') !== '',
    verify: (line) => verifyLine(client, line),
    readEvent: (contentType, body) => readEvent(contentType, body, eventToken),
    clock,
  });
}
