/** Every kind of provider there is, and how one is made from its configuration. */
import type { Clock } from '../clock.ts';
import type { ProviderConfig } from '../config/config.ts';
import { bitrix24 } from './bitrix24/bitrix24.ts';
import type { Provider } from './provider.ts';

export interface ProviderSurroundings {
  /** Must open a fresh connection for every request. */
  fetch: typeof fetch;
  clock: Clock;
}

export function makeProviders(configs: ReadonlyMap<string, ProviderConfig>, around: ProviderSurroundings): Map<string, Provider> {
  return new Map([...configs].map(([name, config]) => [name, makeProvider(name, config, around)]));
}

function makeProvider(name: string, config: ProviderConfig, around: ProviderSurroundings): Provider {
  switch (config.type) {
    case 'bitrix24':
      return bitrix24({ name, webhookUrl: config.webhookUrl, eventToken: config.eventToken, ...around });
  }
}
