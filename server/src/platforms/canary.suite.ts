/** A visitor of the canary's: sends marked values in every way to a relay, and keeps everything that comes back. */
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import type { Bitrix24Portal } from '../simulators/bitrix24/portal.ts';
import { MARKED_NUMBERS, MARKS } from '../simulators/canary-marks.ts';

export const ORIGIN = 'https://shop.example';
const [NUMBER = ''] = MARKED_NUMBERS;
export const E164 = `+49${NUMBER.replaceAll(' ', '').slice(1)}`;

const WIDE = ['numberPer15Minutes', 'numberPer6Hours', 'numberPer24Hours', 'sitePerMinute', 'sitePerHour', 'deploymentPerMinute'];
/** Others would keep the last ways from being taken. */
export const WIDE_LIMITS = { ...Object.fromEntries(WIDE.map((name) => [name, 1_000])), numberCooldownSeconds: 0, acceptHigherCost: true };

/** Status, headers and body of every answer, without what its reader had typed himself. */
export const answers: string[] = [];
/** Codes of the problems that were answered. */
export const codes = new Set<string>();

/** What the visits need to know of the relay under test. */
export interface Visited {
  url: string;
  output: () => string;
  portal: Bitrix24Portal;
  /** Path of the address for provider events. */
  events: string;
}

export async function askEveryWay(relay: Visited): Promise<void> {
  const key = { 'idempotency-key': crypto.randomUUID() };
  const call = (await (await ask(relay, {}, key)).json()) as { id: string; statusToken: string };
  await ask(relay, {}, key);
  await ask(relay, { name: 'Another' }, key);
  await ask(relay);
  const bearer = { headers: { authorization: `Bearer ${call.statusToken}` } };
  await until(
    () => relay.portal.telephones.dials.length,
    (value) => expect(value).toBe(1),
  );
  await get(relay, `/v1/calls/${call.id}`, bearer);
  await get(relay, `/v1/calls/${call.id}`, { ...bearer, method: 'DELETE' });
  await get(relay, `/v1/calls/${call.id}`, { headers: { authorization: `Bearer ${E164}` } });
  for (const path of [`/v1/calls/${E164}`, `/v1/sites/${E164}`, `/form/${E164}`, `/${E164}`, `/events/main/${E164}`, `/events/${E164}/x`])
    await get(relay, path);
  for (const path of ['/', '/v1/sites/shop', '/healthz', '/readyz', '/metrics', '/openapi.json', '/callback.js', '/form/strict'])
    await get(relay, path);

  await ask(relay, {}, { origin: `https://${MARKS.lastDigits}.example` });
  await ask(relay, {}, { 'content-type': `text/${MARKS.lastDigits}` });
  await ask(relay, {}, { 'idempotency-key': E164 });
  await ask(relay, { name: `${MARKS.name} `.repeat(300) });
  for (const changes of [
    { site: E164 },
    { phone: `${NUMBER}0000000` },
    { phone: MARKS.name },
    { expect: '+4915123456780' },
    { site: 'polite' },
  ]) {
    await ask(relay, changes);
  }
  for (const changes of [
    { [E164]: 1 },
    { phone: [NUMBER] },
    { country: E164 },
    { locale: NUMBER },
    { at: NUMBER },
    { page: { url: { [E164]: 1 } } },
  ]) {
    await ask(relay, changes);
  }
  await post(relay, '/v1/calls', `{"phone":"${NUMBER}"`);
  await post(relay, '/v1/calls', `${NUMBER}`);
  await ask(relay, { phone: `0176 ${MARKS.lastDigits}` });
  await ask(relay, { site: 'strict' });
  await ask(relay, { site: 'strict', proof: Buffer.from(E164).toString('base64url') });
  await ask(relay, { site: 'strict', proof: MARKS.name });
  answers.push(await sendRaw(relay, `GET /${E164} HTTP/9.9\r\n${E164}: ${MARKS.name}\r\n\r\n`));
  answers.push(await sendRaw(relay, `POST /v1/calls HTTP/1.1\r\nHost: ${E164}\r\nContent-Length: ${E164}x\r\n\r\n`));
}

export async function misuseTheForm(relay: Visited, page: string): Promise<void> {
  const token = /name="token" value="([^"]+)"/.exec(page)?.[1] ?? '';
  const type = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' };
  const send = (fields: Record<string, string>, site = 'shop') => {
    const typed = [fields.phone, fields.name].flatMap((text) => (text === undefined ? [] : `value="${text}"`));
    return post(relay, `/form/${site}`, new URLSearchParams(fields).toString(), type, typed);
  };
  const visitor = { phone: MARKED_NUMBERS[1] ?? '', name: MARKS.name };
  await send({ ...visitor, token: E164 });
  await send({ ...visitor, token: 'x', [E164]: E164 });
  await send({ ...visitor, token, country: E164 });
  await send({ ...visitor, token, phone: `${NUMBER}000` });
  await send({ ...visitor, token }, 'polite');
  await post(relay, '/form/shop', `phone=${encodeURIComponent(NUMBER)}&phone=${E164}`, type);
  await post(relay, '/form/shop', `phone=${E164}`, { ...type, 'content-type': `x/${E164}` });
  await post(relay, '/form/shop', `phone=${E164}`, { ...type, 'sec-fetch-site': 'cross-site' });
  // A form is too young for two seconds; then it is taken.
  await until(
    () => send({ ...visitor, token }),
    ({ status }) => expect(status).toBe(303),
  );
  const location = (await send({ ...visitor, token })).headers.get('location') ?? '';
  await get(relay, `/form/${location}`);
  await post(relay, `/form/${location}`, '', type);
}

export async function sendEvents(relay: Visited): Promise<void> {
  const [dial] = relay.portal.telephones.dials;
  if (dial === undefined) throw new Error('Nobody was rung.');
  relay.portal.telephones.answer('agent', dial.callId);
  relay.portal.telephones.hangUp('agent', dial.callId);
  await until(
    () => relay.output(),
    (value) => expect(value).toContain('"call.ended"'),
  );
  const event = (token: string, data: Record<string, string>) => {
    const fields = Object.entries(data).map(([name, value]): [string, string] => [`data[${name}]`, value]);
    const all = [['event', 'ONVOXIMPLANTCALLEND'], ...fields, ['auth[application_token]', token]] as [string, string][];
    return post(relay, relay.events, new URLSearchParams(all).toString(), { 'content-type': 'application/x-www-form-urlencoded' });
  };
  const data = { CALL_ID: dial.callId, PHONE_NUMBER: E164, CALL_FAILED_REASON: `${E164} ${MARKS.name}`, CALL_FAILED_CODE: E164 };
  await event(MARKS.eventToken, data);
  await event(MARKS.eventToken, { ...data, CALL_ID: E164 });
  await event(E164, data);
  await event(MARKS.eventToken.slice(1), data);
  await post(relay, relay.events, `{"auth":{"application_token":"${MARKS.eventToken}"},"data":{"CALL_ID":["${E164}"]`);
  await post(relay, relay.events, E164.repeat(8_000));
  await post(relay, `/events/main/${MARKS.eventToken}`, E164);
}

async function sendRaw(relay: Visited, text: string): Promise<string> {
  const { hostname, port } = new URL(relay.url);
  const socket = connect(Number(port), hostname);
  let answer = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    answer += chunk;
  });
  socket.on('error', () => {});
  socket.end(text);
  await once(socket, 'close');
  return answer;
}

let sources = 0;

/** From a network of its own each time, so that no limit hides what comes after it. */
function post(
  { url }: Visited,
  path: string,
  body: string,
  headers: Record<string, string> = {},
  own: readonly string[] = [],
): Promise<Response> {
  const address = `198.51.${++sources >> 8}.${sources & 255}`;
  const usual = { 'content-type': 'application/json', origin: ORIGIN, 'x-forwarded-for': address, 'idempotency-key': crypto.randomUUID() };
  return record(fetch(url + path, { method: 'POST', redirect: 'manual', headers: { ...usual, ...headers }, body }), own);
}

export function get({ url }: Visited, path: string, init: RequestInit = {}): Promise<Response> {
  return record(fetch(url + path, { redirect: 'manual', ...init }));
}

export const ask = (relay: Visited, changes: object = {}, headers?: Record<string, string>) =>
  post(relay, '/v1/calls', JSON.stringify({ site: 'shop', phone: NUMBER, name: MARKS.name, ...changes }), headers);

async function record(answer: Promise<Response>, own: readonly string[] = []): Promise<Response> {
  const response = await answer;
  let body = await response.clone().text();
  for (const text of own) body = body.replaceAll(text, '');
  const code = /"code":"(\w+)"/.exec(body)?.[1];
  if (code !== undefined) codes.add(code);
  if (response.status === 202) {
    const { number, ...rest } = JSON.parse(body) as { number: string };
    expect(number).toContain('+49');
    body = JSON.stringify(rest);
  }
  answers.push(`${response.status} ${response.url} ${JSON.stringify([...response.headers])} ${body}`.replace(response.url, ''));
  return response;
}

export function until<Value>(read: () => Value | Promise<Value>, check: (value: Value) => void, timeout = 10_000): Promise<void> {
  return vi.waitFor(async () => check(await read()), { timeout, interval: 50 });
}

/** All that a relay has written: the database, its journal, the folder of orders. Each text begins with a line that names its file. */
export function readStored(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.startsWith('relay.db'))
    .flatMap((name) => {
      try {
        return [`${name}\n${readFileSync(join(folder, name), 'latin1')}`];
      } catch (error) {
        // A folder among the names, or a journal that has just been folded in.
        expect((error as NodeJS.ErrnoException).code).toMatch(/EISDIR|ENOENT/);
        return [];
      }
    });
}
