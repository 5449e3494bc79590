import { expect, test } from 'vitest';
import { fakeClock } from '../simulators/fake-clock.ts';
import { eventSightings } from './event-sightings.ts';

test('only what came to the right address is seen, and what was not believed is told apart', async () => {
  const clock = fakeClock();
  const sightings = eventSightings(clock);
  const answer = (path: string, status: number, headers = {}) =>
    sightings.watch(new Request(`http://relay.example${path}`, { method: 'POST', headers }), new Response(null, { status }));
  await answer('/events/main/secret', 404);
  await answer('/v1/calls', 204);
  await answer('/events/main/secret', 403, { 'content-length': '0' });
  expect(sightings.list()).toEqual([]);

  const first = clock.now();
  await answer('/events/my%20shop/secret', 403);
  await clock.advance(1_000);
  const passed = await answer('/events/my%20shop/secret', 204);
  expect(passed.status).toBe(204);
  expect(sightings.list()).toEqual([{ provider: 'my shop', forgedAt: first, believedAt: first + 1_000 }]);
});
