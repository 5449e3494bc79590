/**
 * Run by sqlite-crash.test.ts in a process of its own: accepts calls without end and says on stdout which ones it was promised.
 * Told `ending` it ends each with a lead as well, before it says so.
 */
import { sqliteStore } from './sqlite-store.ts';
import { StoreUnavailable } from './store.ts';

const IN_FLIGHT = 16;
const [, , path = '', prefix = '', wish] = process.argv;

const say = (line: string) => process.stdout.write(`${line}\n`);
const clock = { now: () => Date.now(), after: () => () => {} };

try {
  const store = sqliteStore({ path, clock, onFatal: () => say('fatal') });
  say('open');
  let count = 0;
  const acceptOn = async (): Promise<void> => {
    for (;;) {
      count += 1;
      const id = `${prefix}${count}`;
      const keys = { idempotencyKey: id, fingerprint: id, numberKey: id };
      await store.accept(
        { id, site: 'default', ...keys, sealedNumber: 'x'.repeat(200), country: 'DE', dialWithinMs: 1, holdMs: 1 },
        { limits: [] },
      );
      if (wish === 'ending') await store.amend(id, () => ({ state: 'expired', leads: ['crm'] }));
      say(id);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, acceptOn)).catch(async (error: unknown) => {
    say(error instanceof StoreUnavailable && error.permanent ? 'failed for good' : `failed: ${error}`);
    await store.ping().then(
      () => say('works again'),
      () => say('stays failed'),
    );
  });
} catch (error) {
  say(`refused: ${error instanceof Error ? error.message : error}`);
}
