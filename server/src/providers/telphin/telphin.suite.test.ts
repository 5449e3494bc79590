import { Secret } from '../../config/secret.ts';
import { freshFetch } from '../../platforms/node-fetch.ts';
import { type FakeClock, fakeClock } from '../../simulators/fake-clock.ts';
import { serveTelphin } from '../../simulators/telphin/serve-telphin.ts';
import { TELPHIN_ERRORS, type TelphinErrorName } from '../../simulators/telphin/telphin-errors.ts';
import { type TelphinHost, telphinHost } from '../../simulators/telphin/telphin-host.ts';
import { type DocumentedError, type ProviderRig, providerSuite } from '../provider.suite.ts';
import type { DialOrder } from '../provider.ts';
import { telphin } from './telphin.ts';

const APP = { appId: 'a99', appSecret: 'c4n4ry4pps3cr3t' };
const HOST = { ...APP, extensions: { '34535': '12037*341', '34536': '12037*342' } };
const ORDER: DialOrder = {
  line: '34535',
  number: '+4915123456789',
  announcement: 'Somebody wants a call.',
  telphin: { srcNum: ['341', '342'], announceSoundId: 17 },
};

type Meaning = Omit<DocumentedError, 'name'>;

function setUp(code: string, received = 1): Meaning {
  return { kind: 'refused', code, problem: 'unavailable', configuration: true, received };
}

function passing(kind: Meaning['kind'], code: string): Meaning {
  return { kind, code, problem: 'unavailable', configuration: false };
}

/** Written out by hand, so that the provider's own table is not compared with itself. */
const MEANINGS: Readonly<Record<TelphinErrorName, Meaning>> = {
  tokenWrong: setUp('token_refused', 2),
  accessDenied: setUp('access_denied'),
  userBlocked: setUp('user_blocked'),
  userTypeDenied: setUp('user_may_not'),
  appTypeDenied: setUp('app_may_not'),
  forbidden: setUp('forbidden'),
  notFound: setUp('line_unknown'),
  clientNotFound: setUp('client_unknown'),
  callLimit: passing('not_sent', 'callback_limit'),
  callLimitInWords: passing('not_sent', 'callback_limit'),
  quota: passing('not_sent', 'quota_used_up'),
  busy: passing('not_sent', 'busy_for_others'),
  badRequest: setUp('refused_otherwise'),
  crash: passing('uncertain', 'host_failed'),
};

async function openRig(): Promise<ProviderRig> {
  const clock = fakeClock();
  const host = telphinHost({ clock, ...HOST });
  const served = await serveTelphin(host);
  const gone = await serveTelphin(host);
  await gone.close();
  const other = telphinHost({ clock, ...HOST });
  const servedOther = await serveTelphin(other);
  const at = (url: string, fetch = freshFetch) =>
    telphin({ name: 'main', host: url, appId: APP.appId, appSecret: new Secret(APP.appSecret), fetch, clock });
  const asked = (wanted: string) => host.requests.filter(({ resource }) => resource === wanted);
  const dials = () => asked('callback');
  const blind = telphinHost({ clock, ...HOST, mayReadHistory: false });

  return {
    provider: at(served.url),
    clock,
    order: ORDER,
    secrets: [APP.appSecret, 't0k3nc4n4ry'],
    misbehave: (behaviour) => host.misbehave('callback', behaviour),
    // A token that is refused once is exchanged, and no error.
    stageError: (name) => host.misbehave('callback', { kind: 'error', name: name as TelphinErrorName }, 2),
    withholdRef: () => host.misbehave('callback', { kind: 'without_call_id' }),
    received: () => eventually(() => dials().length > 0),
    counts: () => ({ received: dials().length, executed: host.telephones.dials.length }),
    lastOrder: () => readOrder(host),
    floodedBytes: () => dials().at(-1)?.floodedBytes ?? 0,
    elsewhere: { location: `${servedOther.url}/api/ver1.0/extension/34535/callback/`, received: () => other.requests.length },
    endCall: (how) => endCall(host, clock, how),
    misbehaveReading: (behaviour) => host.misbehave('history', behaviour),
    readingReceived: () => eventually(() => asked('history').length > 0),
    withoutLeaveToFind: () => at('http://127.0.0.1', async (input, init) => blind.app.fetch(new Request(input, init))),
    token: { spoil: () => host.tokens.takeBack(), given: () => host.tokens.given.length },
    misplaced: (place) => at(place === 'closed_port' ? gone.url : 'https://telphin.invalid'),
    close: async () => {
      await Promise.all([served.close(), servedOther.close()]);
    },
  };
}

async function endCall({ telephones }: TelphinHost, clock: FakeClock, how: 'connected' | 'missed'): Promise<void> {
  if (how === 'missed') return clock.advance(30_000);
  const callId = telephones.dials.at(-1)?.callId ?? '';
  telephones.answer('agent', callId);
  await clock.advance(4_000);
  telephones.answer('visitor', callId);
  await clock.advance(61_000);
  telephones.hangUp('visitor', callId);
}

function readOrder(host: TelphinHost): DialOrder | undefined {
  const order = host.orders.at(-1);
  if (order === undefined) return undefined;
  const { src_num: srcNum, announce_sound_id: announceSoundId, dst_num: number } = order.fields;
  return { line: order.extensionId, number, telphin: { srcNum, announceSoundId } } as DialOrder;
}

/** Lets the event loop turn until something has come through a socket; the test's own time limit ends it. */
async function eventually(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise<void>((resolve) => setImmediate(resolve));
}

const result = (body: unknown, status = 201) => ({
  name: JSON.stringify(body),
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

providerSuite('telphin', {
  open: openRig,
  documentedErrors: Object.keys(TELPHIN_ERRORS).map((name) => ({ name, ...MEANINGS[name as TelphinErrorName] })),
  whileRunning: 'running',
  carries: ['line', 'number', 'telphin'],
  hasVoices: false,
  eventsProveOrigin: false,
  usesToken: 'new_after_401',
  ownGarbage: [
    result({}),
    result([]),
    result({ call_id: '' }),
    result({ call_id: '+4915123456789' }),
    result({ call_id: 17 }),
    result({ call_id: { a: 1 } }),
    result({ message: 'done' }),
    result({ call_id: '02abb9ee685a11ea94bfe17eb6eaecba' }, 500),
    result({ call_id: '02abb9ee685a11ea94bfe17eb6eaecba' }, 403),
    result({ call_id: '02abb9ee685a11ea94bfe17eb6eaecba', status: 'access_denied' }, 403),
    result({ call_id: '02abb9ee685a11ea94bfe17eb6eaecba' }, 202),
    result({ message: 'oops' }, 503),
    result({ message: 'oops' }, 408),
    result({ status: { code: 'access_denied' } }, 403),
    result({}, 429),
  ],
  ownReadingGarbage: [
    result({ call_history: null }, 200),
    result({ call_history: {} }, 200),
    result({ call_history: [null] }, 200),
    result({ call_history: [{ result: 'bridged' }] }, 200),
    result({ call_history: [] }, 500),
    result({ message: 'not what was asked' }, 200),
  ],
});
