/** A provider that only dials, as a test wants it to: it looks nothing up, has no lines to show, and hears no news. */
import type { Provider } from '../providers/provider.ts';

export function plainProvider(dial: Provider['dial'], changes: Partial<Provider> = {}): Provider {
  return {
    name: 'pbx',
    reportsEvents: true,
    dial,
    find: async () => ({ ok: true, value: { kind: 'nothing' } }),
    verify: async () => [],
    problemOf: () => undefined,
    lines: async () => ({ ok: true, value: [] }),
    voices: async () => ({ ok: true, value: [] }),
    readEvent: () => ({ kind: 'ignored' }),
    ...changes,
  };
}
