/** A relay that is given an account of Telphin: the host's own telephones say what was dialled. */

import { AGENT, EXTENSION, test } from '../support/telphin.ts';
import { expect } from '../support/test.ts';
import { askForCall, E164, SHOWN, widgetOn } from '../support/widget.ts';

test('both telephones ring once and in turn, and the page follows what is reported', async ({ page, openTelphinShop }) => {
  const { url, host } = await openTelphinShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('Ringing our team');
  await expect(widget.card).toContainText(SHOWN);
  expect(host.orders.map(({ fields }) => fields)).toEqual([{ src_num: [AGENT], dst_num: E164, allow_public_transfer: false }]);
  const [{ callId } = { callId: '' }] = host.telephones.dials;

  expect(host.telephones.answer('agent', callId)).toBe(true);
  await expect(widget.title).toHaveText('Your phone is ringing');
  expect(host.telephones.answer('visitor', callId)).toBe(true);
  expect(host.telephones.hangUp('visitor', callId)).toBe(true);
  await expect(widget.title).toHaveText('The call has ended');
  await expect(widget.news).toContainText('You can close this window.');
  expect(host.telephones.dials).toMatchObject([{ line: EXTENSION, number: E164 }]);
});

test('a visitor who does not answer: the page says that it came to nothing', async ({ page, openTelphinShop }) => {
  const { url, host } = await openTelphinShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('Ringing our team');
  const [{ callId } = { callId: '' }] = host.telephones.dials;
  host.telephones.answer('agent', callId);
  await expect(widget.title).toHaveText('Your phone is ringing');
  host.telephones.hangUp('visitor', callId);
  await expect(widget.title).toHaveText('No answer');
  expect(host.telephones.dials).toHaveLength(1);
});

test('without events no step is invented', async ({ page, openTelphinShop }) => {
  const { url, host } = await openTelphinShop({ withEvents: false });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  await expect(widget.card.getByRole('listitem')).toHaveCount(0);
  expect(host.telephones.dials).toHaveLength(1);
});

test('a token that the host has taken back: a new one, and one ring', async ({ page, openTelphinShop }) => {
  const { url, host } = await openTelphinShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('Ringing our team');
  const [first] = host.telephones.dials;
  host.telephones.hangUp('agent', first?.callId ?? '');
  await expect(widget.title).toHaveText('No answer');

  host.tokens.takeBack();
  await page.reload();
  await askForCall(widget, '0151 23456780');
  await expect.poll(() => host.telephones.dials.length).toBe(2);
  expect(host.telephones.dials[1]).toMatchObject({ number: '+4915123456780' });
  expect(host.requests.filter(({ resource }) => resource === 'token')).toHaveLength(2);
});

test('the host rings and drops the connection: “not confirmed”, and never a second ring', async ({ page, openTelphinShop }) => {
  const { url, host } = await openTelphinShop({ withEvents: false });
  host.misbehave('callback', { kind: 'drop', executes: true });
  await page.clock.install();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('Request received');
  await expect.poll(() => host.telephones.dials.length).toBe(1);
  await page.clock.fastForward(125_000);
  await expect(widget.title).toHaveText('Not confirmed');
  expect(host.telephones.dials).toHaveLength(1);
});
