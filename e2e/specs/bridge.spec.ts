/** Bitrix24's own form asks, Telphin rings, and the call stands in the portal: registered, shown and finished. */
import { type Bridge, EXTERNAL_LINE, PORTAL_USER, test } from '../support/bridge.ts';
import { expect } from '../support/test.ts';
import { askForCall, E164, widgetOn } from '../support/widget.ts';

/** A card that is waited for is looked at again every few seconds, and ever more seldom. */
const CARD_WITHIN_MS = 30_000;

/** Both pick up, and the visitor hangs up after a while. */
async function talk({ host, letTalk }: Bridge, ms: number): Promise<void> {
  const [{ callId } = { callId: '' }] = host.telephones.dials;
  expect(host.telephones.answer('agent', callId)).toBe(true);
  await expect.poll(() => host.telephones.answer('visitor', callId)).toBe(true);
  letTalk(ms);
  expect(host.telephones.hangUp('visitor', callId)).toBe(true);
}

test('a request from the portal’s form is dialled once, and finished in the portal with its duration', async ({ openBridge }) => {
  test.setTimeout(90_000);
  const bridge = await openBridge();
  const { portal, host, eventsUrl } = bridge;
  const [delivered = ''] = await portal.askByForm({ number: '0151 23456789', line: EXTERNAL_LINE, crm: { type: 'LEAD', id: 12 } });
  await expect.poll(() => host.telephones.dials.length).toBe(1);
  expect(host.telephones.dials).toMatchObject([{ number: E164 }]);
  const cards = () => portal.portal.external.cards;
  await expect.poll(() => cards()[0]?.shownTo, { timeout: CARD_WITHIN_MS }).toEqual([String(PORTAL_USER)]);
  expect(cards()).toMatchObject([{ number: E164, type: '4', entry: { type: 'LEAD', id: 12 }, endings: [] }]);

  await talk(bridge, 42_000);
  await expect.poll(() => cards()[0]?.endings.length, { timeout: CARD_WITHIN_MS }).toBe(1);
  const [ending] = cards()[0]?.endings ?? [];
  expect(ending?.statusCode).toBe('200');
  expect(ending?.seconds).toBeGreaterThanOrEqual(42);

  // Whatever comes again, in the portal's own words or in others', changes nothing.
  const post = (body: string) =>
    fetch(eventsUrl, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body });
  expect((await post(delivered)).status).toBe(204);
  const forged = new URLSearchParams(delivered);
  forged.set('auth[application_token]', 'guessed');
  forged.set('data[PHONE_NUMBER]', '0151 99999999');
  expect((await post(forged.toString())).status).toBe(403);
  expect(host.telephones.dials).toHaveLength(1);
  expect(cards()).toHaveLength(1);
});

test('a call from the site’s own page stands in the portal too, though its token had expired', async ({ page, openBridge }) => {
  test.setTimeout(90_000);
  const { url, portal, host } = await openBridge();
  portal.oauth.expireAll();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('Ringing our team');
  const [{ callId } = { callId: '' }] = host.telephones.dials;
  host.telephones.hangUp('agent', callId);
  await expect(widget.title).toHaveText('No answer');

  const endings = () => portal.portal.external.cards.flatMap((card) => card.endings);
  await expect.poll(() => endings().length, { timeout: CARD_WITHIN_MS }).toBe(1);
  expect(endings()).toMatchObject([{ statusCode: '486', seconds: 0 }]);
  expect(portal.portal.external.cards).toMatchObject([{ number: E164 }]);
});
