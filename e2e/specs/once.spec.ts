/** However often a request is sent, by a person, a page or a browser: one call, one dial. */
import type { Route } from '@playwright/test';
import { shopPage } from '../pages/shop-page.ts';
import { recordPosts } from '../support/posts.ts';
import { staleProxy } from '../support/stale-proxy.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, E164, TYPED, type WidgetParts, widgetOn } from '../support/widget.ts';

const WAYS: readonly { name: string; send: (widget: WidgetParts) => Promise<void> }[] = [
  { name: 'a double click', send: ({ send }) => send.dblclick() },
  {
    name: 'Enter twice',
    send: async ({ number }) => {
      await number.press('Enter');
      await number.page().keyboard.press('Enter');
    },
  },
  {
    name: 'a button hammered twenty times in one turn of the page',
    send: ({ send }) =>
      send.evaluate((button: HTMLButtonElement) => {
        for (let press = 0; press < 20; press += 1) button.click();
      }),
  },
];

for (const { name, send } of WAYS) {
  test(`${name} is one request`, async ({ page, openShop }) => {
    const { url, portal, relay } = await openShop();
    const posts = recordPosts(page);
    await page.goto(url);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await widget.number.fill(TYPED);
    await send(widget);

    await expect(widget.title).toHaveText('We have started calling');
    expect(posts.keys()).toHaveLength(1);
    expect(relay.log().filter(({ event }) => event.startsWith('request.'))).toMatchObject([{ event: 'request.accepted' }]);
    expect(portal.dials).toHaveLength(1);
  });
}

test('a page that is loaded anew asks for nothing by itself', async ({ page, openShop }) => {
  const { url, portal, relay } = await openShop();
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  await page.reload();
  await widget.launcher.click();
  await expect(widget.number).toHaveValue('');

  // Who asks for the same number again is told to wait while the telephone may be ringing.
  await widget.number.fill(TYPED);
  await widget.send.click();
  await expect(widget.title).toHaveText('Too many requests');
  expect(new Set(posts.keys()).size).toBe(2);
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toHaveLength(1);
  expect(portal.dials).toHaveLength(1);
});

test('an answer that is lost on its way: the page repeats the very same request, and it is the same call', async ({ page, openShop }) => {
  const { url, portal, relay } = await openShop();
  const posts = recordPosts(page);
  await page.route('**/v1/calls', loseAnswer, { times: 1 });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('We have started calling');
  expect(posts.keys()).toHaveLength(2);
  expect(new Set(posts.keys()).size).toBe(1);
  expect(new Set(posts.bodies()).size).toBe(1);
  const [accepted, replayed] = relay.log().filter(({ event }) => event.startsWith('request.'));
  expect([accepted?.event, replayed?.event]).toEqual(['request.accepted', 'request.replayed']);
  expect(replayed?.callId).toBe(accepted?.callId);
  expect(portal.dials).toHaveLength(1);
});

test('every answer is lost: “Try again” is still the same call', async ({ page, openShop }) => {
  const { url, portal, relay } = await openShop();
  const posts = recordPosts(page);
  await page.route('**/v1/calls', loseAnswer, { times: 3 });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('No connection');
  await expect(widget.news).toContainText('We do not know whether your request arrived. Trying again never makes a second call.');

  await widget.button('Try again').click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(posts.keys()).toHaveLength(4);
  expect(new Set(posts.keys()).size).toBe(1);
  expect(new Set(relay.log().flatMap(({ callId }) => callId ?? [])).size).toBe(1);
  expect(portal.dials).toHaveLength(1);
});

test('a browser that sends a POST again by itself, because the connection was stale', async ({ page, openShop }) => {
  const { url, site, portal, relay } = await openShop();
  const proxy = await staleProxy(relay.url);
  site.put('/', shopPage({ relayUrl: proxy.url }));
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('We have started calling');
  // One request, as the page sees it; two or more, as the relay does.
  expect(posts.keys()).toHaveLength(1);
  expect(proxy.lostKeys().length).toBeGreaterThanOrEqual(1);
  expect(proxy.forwardedKeys().length).toBeGreaterThanOrEqual(2);
  expect(new Set(proxy.forwardedKeys())).toEqual(new Set(posts.keys()));
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toHaveLength(1);
  expect(portal.dials).toMatchObject([{ number: E164 }]);
  expect(portal.dialRequests()).toHaveLength(1);
  await proxy.close();
});

/** The relay gets the request and answers; the page never hears of it. */
async function loseAnswer(route: Route): Promise<void> {
  await route.fetch();
  await route.abort('connectionreset');
}
