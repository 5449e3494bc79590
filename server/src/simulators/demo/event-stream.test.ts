import { expect, test } from 'vitest';
import { fakeClock } from '../fake-clock.ts';
import { eventStream, HEARTBEAT_MS, type SendEvent } from './event-stream.ts';

function openStream(firstEvent: unknown = 'hello') {
  const clock = fakeClock();
  const client = new AbortController();
  const seen = { stops: 0, send: (() => {}) as SendEvent };
  const response = eventStream({
    clock,
    signal: client.signal,
    open(send) {
      seen.send = send;
      send('first', firstEvent);
      return () => {
        seen.stops += 1;
      };
    },
  });
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const next = async () => new TextDecoder().decode((await reader.read()).value);
  return { clock, client, seen, response, reader, next };
}

test('events arrive in the order in which they were sent', async () => {
  const { response, next, seen } = openStream({ text: 'two\nlines' });
  expect(response.headers.get('Content-Type')).toBe('text/event-stream');
  expect(await next()).toBe('event: first\ndata: {"text":"two\\nlines"}\n\n');
  seen.send('next', 2);
  expect(await next()).toBe('event: next\ndata: 2\n\n');
});

test('silence is filled with heartbeats', async () => {
  const { next, clock } = openStream();
  await next();
  for (let beat = 0; beat < 3; beat += 1) {
    await clock.advance(HEARTBEAT_MS);
    expect(await next()).toBe(':\n\n');
  }
});

test('a client that goes away leaves no listener and no timer behind', async () => {
  const { reader, clock, seen } = openStream();
  await reader.cancel();
  expect(seen.stops).toBe(1);
  expect(clock.nextTimerAt()).toBeUndefined();
  expect(() => seen.send('late', 1)).not.toThrow();
});

test('an aborted request ends the stream', async () => {
  const { reader, client, clock, seen } = openStream();
  await reader.read();
  client.abort();
  expect((await reader.read()).done).toBe(true);
  expect(seen.stops).toBe(1);
  expect(clock.nextTimerAt()).toBeUndefined();
  client.abort();
  expect(seen.stops).toBe(1);
});

test('a client that does not read is let go instead of filling the memory', () => {
  const { seen, clock } = openStream();
  const line = 'x'.repeat(10_000);
  for (let sent = 0; sent < 40; sent += 1) seen.send('said', line);
  expect(seen.stops).toBe(1);
  expect(clock.nextTimerAt()).toBeUndefined();
});

test('first events that are too many end the stream without a listener left', () => {
  const { seen, clock } = openStream('x'.repeat(300_000));
  expect(seen.stops).toBe(1);
  expect(clock.nextTimerAt()).toBeUndefined();
});
