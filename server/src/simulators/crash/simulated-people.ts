/** The people at the two telephones: they answer, decline, let it ring and hang up, as chance has it. */
import type { Clock } from '../../clock.ts';
import type { LegName, SimulatedCall, Telephones } from '../bitrix24/telephones.ts';
import type { SeededRandom } from './seeded-random.ts';

const ANSWERS_WITHIN_MS = { from: 500, until: 25_000 };
const TALKS_FOR_MS = { from: 2_000, until: 180_000 };

export function simulatePeople(telephones: Telephones, clock: Clock, random: SeededRandom): void {
  const seen = new Set<string>();

  /** What somebody does is decided once for each thing that happens to them. */
  function once(call: SimulatedCall, happening: string, react: () => void): void {
    const key = `${call.callId} ${happening}`;
    if (seen.has(key)) return;
    seen.add(key);
    react();
  }

  function hear(leg: LegName, callId: string): void {
    const temper = random.next();
    const afterMs = random.between(ANSWERS_WITHIN_MS.from, ANSWERS_WITHIN_MS.until);
    if (temper < 0.7) clock.after(afterMs, () => void telephones.answer(leg, callId));
    else if (temper < 0.8) clock.after(afterMs, () => void telephones.hangUp(leg, callId));
  }

  telephones.onChange((call) => {
    if (call.agent === 'ringing') once(call, 'agent rings', () => hear('agent', call.callId));
    if (call.visitor === 'ringing') once(call, 'visitor rings', () => hear('visitor', call.callId));
    if (call.connectedAt !== undefined && call.endedAt === undefined) {
      once(call, 'they talk', () => {
        const leg = random.pick(['agent', 'visitor'] as const);
        clock.after(random.between(TALKS_FOR_MS.from, TALKS_FOR_MS.until), () => void telephones.hangUp(leg, call.callId));
      });
    }
  });
}
