/** The company's end of a webhook channel: keeps what arrives, and by chance takes it and does not say so, or does not take it. */
import type { FakeClock } from '../fake-clock.ts';
import type { Lead } from './evidence.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { WireAnswer, WireRequest } from './wire.ts';

export interface LeadReceiver {
  readonly leads: readonly Lead[];
  take(request: WireRequest): Promise<WireAnswer>;
  /** From now on it takes everything. */
  recover(): void;
}

export interface LeadReceiverOptions {
  clock: FakeClock;
  random: SeededRandom;
  tell: (callId: string, what: string) => void;
}

const TROUBLE_SHARE = 0.3;
/** More would put the next attempt off beyond the end of a run. */
const TROUBLES_PER_MESSAGE = 2;

export function leadReceiver({ clock, random, tell }: LeadReceiverOptions): LeadReceiver {
  const leads: Lead[] = [];
  const troubles = new Map<string, number>();
  let isTroubled = true;

  function keep(messageId: string, { type, data }: { type: string; data: { callId?: string } }, how: string): void {
    if (type !== 'call.not_connected' || data.callId === undefined) return;
    leads.push({ at: clock.now(), messageId, callId: data.callId });
    tell(data.callId, `the company is told (${how})`);
  }

  function draw(messageId: string): 'good' | 'silent' | 'broken' | 'failing' | 'unreachable' {
    const had = troubles.get(messageId) ?? 0;
    if (!isTroubled || had >= TROUBLES_PER_MESSAGE || !random.chance(TROUBLE_SHARE)) return 'good';
    troubles.set(messageId, had + 1);
    return random.pick(['silent', 'broken', 'failing', 'unreachable'] as const);
  }

  return {
    leads,
    async take(request) {
      const messageId = request.headers.find(([name]) => name.toLowerCase() === 'webhook-id')?.[1] ?? '';
      const how = draw(messageId);
      if (how === 'unreachable') return { kind: 'unreachable' };
      if (how === 'failing') return { kind: 'response', status: 503, headers: [], body: '' };
      keep(messageId, JSON.parse(request.body ?? '{}') as { type: string; data: { callId?: string } }, how);
      if (how === 'broken') return { kind: 'broken' };
      if (how === 'silent') return new Promise<never>(() => {});
      return { kind: 'response', status: 200, headers: [], body: '' };
    },
    recover() {
      isTroubled = false;
    },
  };
}
