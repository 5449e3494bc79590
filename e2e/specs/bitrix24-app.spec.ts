/** A relay that is installed in a portal as an application: the portal's own telephones say what was dialled. */
import { MEMBER_ID, test } from '../support/application.ts';
import { LINE } from '../support/portal.ts';
import { expect } from '../support/test.ts';
import { askForCall, E164, widgetOn } from '../support/widget.ts';

test('installed, both telephones ring once and in turn, and the page follows what the portal reports', async ({
  page,
  openApplicationShop,
}) => {
  const { url, portal } = await openApplicationShop();
  const { telephones } = portal.portal;
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('Ringing our team');
  const [{ callId } = { callId: '' }] = telephones.dials;
  expect(telephones.answer('agent', callId)).toBe(true);
  await expect.poll(() => telephones.answer('visitor', callId)).toBe(true);
  expect(telephones.hangUp('visitor', callId)).toBe(true);
  await expect(widget.title).toHaveText('The call has ended');
  expect(telephones.dials).toMatchObject([{ line: LINE, number: E164 }]);
});

test('the token has expired: it is renewed on the way, and one telephone rings', async ({ page, openApplicationShop }) => {
  const { url, portal } = await openApplicationShop();
  const { telephones } = portal.portal;
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('Ringing our team');
  telephones.hangUp('agent', telephones.dials[0]?.callId ?? '');
  await expect(widget.title).toHaveText('No answer');

  portal.oauth.expireAll();
  await page.reload();
  await askForCall(widget, '0151 23456780');
  await expect(widget.title).toHaveText('Ringing our team');
  expect(telephones.dials).toMatchObject([{ number: E164 }, { number: '+4915123456780' }]);
  // One by the installation, one by the renewal.
  expect(portal.oauth.exchanges.map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
});

test('before it is installed a call fails plainly; opened in the portal, the next one rings', async ({ page, openApplicationShop }) => {
  const { url, portal, installUrl } = await openApplicationShop({ isInstalled: false });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('The call failed');
  expect(portal.portal.requests).toEqual([]);

  expect((await portal.application.open(installUrl)).status).toBe(200);
  await page.reload();
  await askForCall(widget, '0151 23456780');
  await expect(widget.title).toHaveText('Ringing our team');
  expect(portal.portal.telephones.dials).toMatchObject([{ number: '+4915123456780' }]);
});

test('the portal takes its tokens back: nobody is rung, the operator is told, and the visitor has another way', async ({
  page,
  openApplicationShop,
}) => {
  const { url, portal, relay } = await openApplicationShop();
  portal.oauth.revoke(MEMBER_ID);
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('The call failed');
  await expect(widget.card.getByRole('link', { name: 'Call us: +49 30 123456' })).toBeVisible();
  expect(relay.log()).toContainEqual(expect.objectContaining({ event: 'application.dead' }));
  expect(portal.portal.telephones.dials).toEqual([]);
});
