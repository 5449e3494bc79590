/** Compares this machine's clock with those of the servers that it asks: deadlines, tokens and signatures hang on it. */
import type { Clock } from '../../clock.ts';
import { type Diagnosis, diagnoses } from './diagnosis.ts';

/** Answers are told in whole seconds and take some to arrive; what is beyond this is no inaccuracy. */
const MAX_OFF_MS = 60_000;

export interface ClockWatch {
  fetch: typeof fetch;
  look(): Diagnosis[];
}

/** Reads the `Date` of every answer that passes through. */
export function clockWatch(fetch: typeof globalThis.fetch, clock: Clock): ClockWatch {
  /** By host: how far this clock is ahead of that one. */
  const aheadMs = new Map<string, number>();

  return {
    async fetch(input, init) {
      const askedAt = clock.now();
      const response = await fetch(input, init);
      const told = Date.parse(response.headers.get('date') ?? '');
      // In the middle of the time that the question took, and of the second that was told.
      if (!Number.isNaN(told)) aheadMs.set(new URL(urlOf(input)).host, (askedAt + clock.now()) / 2 - (told + 500));
      return response;
    },
    look() {
      const { ok, note, problem } = diagnoses('clock');
      if (aheadMs.size === 0)
        return [note('clock_uncompared', 'No provider has told the time. Make sure that this machine sets its clock by itself (NTP).')];
      const off = [...aheadMs].filter(([, ms]) => Math.abs(ms) > MAX_OFF_MS);
      if (off.length === 0) return [ok('clock_right', 'The clock agrees with those of the providers.')];
      return off.map(([host, ms]) => {
        const way = ms > 0 ? 'ahead of' : 'behind';
        return problem(
          'clock_off',
          `This machine's clock is ${Math.round(Math.abs(ms) / 1000)} s ${way} that of ${host}. Let it set its clock by itself (NTP).`,
        );
      });
    },
  };
}

function urlOf(input: Parameters<typeof fetch>[0]): string {
  return input instanceof Request ? input.url : String(input);
}
