import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { handClock } from '../hand-clock.ts';
import { runCheck } from './run-check.ts';

/** What a browser gives it: the page's window, and a frame that has a window of its own while it stands somewhere. */
class Frame {
  src = '';
  style = '';
  contentWindow: MessageEventSource | null = null;
  remove(): void {
    frames.delete(this);
    this.contentWindow = null;
  }
}

const frames = new Set<Frame>();
let page: EventTarget;

beforeEach(() => {
  frames.clear();
  page = new EventTarget();
  vi.stubGlobal('window', page);
  vi.stubGlobal('location', { origin: 'https://shop.example' });
  vi.stubGlobal('document', { createElement: () => new Frame() });
});

afterEach(() => vi.unstubAllGlobals());

function begin() {
  const clock = handClock();
  const life = new AbortController();
  const place = {
    append(frame: Frame) {
      frame.contentWindow = new MessageChannel().port1;
      frames.add(frame);
    },
  } as unknown as ParentNode;
  const outcome = runCheck({ address: 'https://relay.example/path/check/shop', place, clock, signal: life.signal }).then(
    (token) => token,
    () => 'failed',
  );
  const [frame] = frames;
  if (frame === undefined) throw new Error('no frame');
  const tell = (data: unknown, origin = 'https://relay.example', source = frame.contentWindow) =>
    page.dispatchEvent(Object.assign(new Event('message'), { source, origin, data }));
  return { clock, life, outcome, frame, tell };
}

test("opens the relay's page for this origin and takes what it says, once", async () => {
  const { outcome, frame, tell } = begin();
  expect(frame.src).toBe('https://relay.example/path/check/shop?origin=https://shop.example');
  tell({ proof: 'token' });
  tell({ proof: 'another' });
  expect(await outcome).toBe('token');
  expect(frames.size).toBe(0);
});

test('a check that failed is over at once', async () => {
  const { outcome, tell } = begin();
  tell({ proof: '' });
  expect(await outcome).toBe('failed');
  expect(frames.size).toBe(0);
});

test.each<[string, string, boolean]>([
  ['another window at the same origin', 'https://relay.example', false],
  ['the frame, gone elsewhere', 'https://evil.example', true],
  ['the frame under another port', 'https://relay.example:8443', true],
  ['the frame under an opaque origin', 'null', true],
])('what is said by %s is not heard', async (_name, origin, isFrame) => {
  const { outcome, frame, tell } = begin();
  tell({ proof: 'forged' }, origin, isFrame ? frame.contentWindow : new MessageChannel().port1);
  tell({ proof: 'token' });
  expect(await outcome).toBe('token');
});

test('silence ends after ten seconds', async () => {
  const { clock, outcome } = begin();
  await clock.pass(9_999);
  expect(frames.size).toBe(1);
  await clock.pass(1);
  expect(await outcome).toBe('failed');
  expect(frames.size).toBe(0);
});

test('called off, it leaves nothing behind', async () => {
  const { life, outcome } = begin();
  life.abort();
  expect(await outcome).toBe('failed');
  expect(frames.size).toBe(0);
  let isRead = false;
  const late = Object.assign(new Event('message'), { source: null, origin: 'https://relay.example' });
  Object.defineProperty(late, 'data', {
    get() {
      isRead = true;
      return { proof: 'token' };
    },
  });
  page.dispatchEvent(late);
  expect(isRead).toBe(false);
});
