/** What a visitor sees when it does not work: true words, the number kept, and a way on. */
import { shopPage } from '../pages/shop-page.ts';
import { recordPosts } from '../support/posts.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, TYPED, widgetOn } from '../support/widget.ts';

test('the relay is down: the number is kept, and “Try again” works once it is back', async ({ page, openShop }) => {
  const { url, relay, portal } = await openShop();
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await widget.number.fill(TYPED);
  await relay.stop();
  await widget.send.click();
  await expect(widget.title).toHaveText('No connection');
  await expect(widget.news).toContainText('We do not know whether your request arrived. Trying again never makes a second call.');
  await expect(widget.card.getByRole('link', { name: 'Call us: +49 30 123456' })).toBeVisible();

  await widget.button('Try again').click();
  await expect(widget.number).toHaveValue(TYPED);
  await expect(widget.title).toHaveText('No connection');

  await relay.restart();
  await widget.button('Try again').click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(new Set(posts.keys()).size).toBe(1);
  expect(portal.dials).toHaveLength(1);
});

test('the relay was down from the start: the form reads numbers by itself', async ({ page, openShop }) => {
  const { url, relay } = await openShop({ attributes: { country: 'DE' } });
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.launcher).toBeVisible();
  await relay.stop();
  await askForCall(widget, '015');
  await expect(widget.fault).toHaveText('This number is too short for Germany.');
  await widget.number.fill(TYPED);
  await widget.send.click();
  await expect(widget.title).toHaveText('No connection');
});

test('offline: said as it is, and sent once the network is back', async ({ page, context, openShop }) => {
  const { url, portal } = await openShop();
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await widget.number.fill(TYPED);
  await context.setOffline(true);
  await widget.send.click();
  await expect(widget.title).toHaveText('You are offline');

  await context.setOffline(false);
  await widget.button('Try again').click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(new Set(posts.keys()).size).toBe(1);
  expect(portal.dials).toHaveLength(1);
});

const MISTYPED = [
  { typed: '', said: 'Please enter your phone number.' },
  { typed: '015', said: 'This number is too short for Germany.' },
  { typed: '0151 2345678901234567', said: 'This number is too long for Germany.' },
  { typed: 'call me', said: 'This is not a phone number of Germany.' },
  { typed: '+33 6 12 34 56 78', said: 'We cannot call numbers of France.' },
] as const;

test('a number that cannot be read: said under its field, and nothing is sent', async ({ page, openShop }) => {
  const { url } = await openShop();
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  for (const { typed, said } of MISTYPED) {
    await widget.number.fill(typed);
    await widget.send.click();
    await expect(widget.fault).toHaveText(said);
    await expect(widget.number).toHaveAccessibleDescription(said);
    await expect(widget.number).toHaveAttribute('aria-invalid', 'true');
    await expect(widget.number).toBeFocused();
    await expect(widget.number).toHaveValue(typed);
  }
  expect(posts.keys()).toEqual([]);
});

test('a number that only the relay can tell to be none: said under its field as well', async ({ page, openShop }) => {
  const { url, portal } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  // As long as some German numbers, and yet nobody's.
  await askForCall(widget, '0151 2');
  await expect(widget.number).toHaveAccessibleDescription('This number cannot be called. Please check it.');
  await expect(widget.number).toBeFocused();
  await widget.number.fill(TYPED);
  await expect(widget.fault).toHaveCount(0);
  await widget.send.click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

test('a number that is not called: the same neutral words whatever the reason', async ({ page, openShop }) => {
  const { url, portal } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  // Premium rate, and the company's own line.
  for (const typed of ['0900 1234567', '030 123456']) {
    await widget.number.fill(typed);
    await widget.send.click();
    await expect(widget.news).toHaveText('We cannot call this numberNothing was dialled and the number was not stored.');
    await widget.button('Use another number').click();
    await expect(widget.number).toBeFocused();
    await expect(widget.number).toHaveValue(typed);
  }
  expect(portal.dialRequests()).toEqual([]);
});

test('too many requests: how long to wait', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ limits: { sourcePerHour: 1 } });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  await page.reload();
  await askForCall(widget, '0151 23456780');
  await expect(widget.title).toHaveText('Too many requests');
  await expect(widget.news).toContainText('Nothing was dialled and the number was not stored. Please try again in 60 min.');
  expect(portal.dials).toHaveLength(1);
});

test('a site that the relay does not know: no calls, and no word about why', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ attributes: { site: 'nowhere', country: 'DE' } });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('No calls right now');
  await expect(widget.news).toContainText('Nothing was dialled and the number was not stored.');
  expect(portal.dialRequests()).toEqual([]);
});

test('a page of somebody else: its browser keeps the relay’s refusal to itself, and nobody is called', async ({ page, openShop }) => {
  const { url, site, relay, portal } = await openShop({ settings: { RINGBACK_ORIGINS: 'https://shop.example' } });
  site.put('/', shopPage({ relayUrl: relay.url, attributes: { country: 'DE' } }));
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('No connection');
  expect(relay.log()).toContainEqual(expect.objectContaining({ event: 'request.refused', code: 'origin_not_allowed' }));
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toEqual([]);
  expect(portal.dialRequests()).toEqual([]);
});
