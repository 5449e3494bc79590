/** On pages whose own code is in everybody's way the widget looks and works as it does on any other. */
import type { Locator, Page } from '@playwright/test';
import { clobberedPage, loudPage, pollutedPage } from '../pages/hostile-page.ts';
import { shopPage } from '../pages/shop-page.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, widgetOn } from '../support/widget.ts';

test('whatever the page styles, the widget is drawn as on a plain page', async ({ page, openShop }) => {
  const { url, site, relay } = await openShop({ page: loudPage });
  site.put('/plain', shopPage({ relayUrl: relay.url }));
  await page.goto(`${url}plain`);
  const plain = await readLooks(page);
  expect(plain.launcher).toMatchObject({ position: 'fixed', 'background-color': 'rgb(11, 110, 79)', 'font-size': '16px' });
  await page.goto(url);
  expect(await readLooks(page)).toEqual(plain);
});

test('under a loud page and its banner the whole way works', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ page: loudPage });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

const CLOBBERED = [
  { name: 'an image named currentScript', elements: '<img name="currentScript" src="data:," alt="">' },
  { name: 'a form called Ringback', elements: '<form id="Ringback"></form>' },
  { name: 'a form called Ringback with a field named add', elements: '<form id="Ringback"><input name="add"></form>' },
] as const;

for (const { name, elements } of CLOBBERED) {
  test(`${name} does not take the widget’s place`, async ({ page, openShop }) => {
    const { url, portal } = await openShop({ page: (relayUrl) => clobberedPage(relayUrl, elements) });
    await page.goto(url);
    const widget = widgetOn(page);
    await askForCall(widget);
    await expect(widget.title).toHaveText('We have started calling');
    expect(portal.dials).toHaveLength(1);
  });
}

test('additions to built-in prototypes change nothing', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ page: pollutedPage });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

/** Every computed style and the place of what a visitor uses, closed and open. */
async function readLooks(page: Page) {
  const { launcher, card, number, send, title, button } = widgetOn(page);
  const closed = await readLook(launcher);
  await launcher.click();
  await expect(number).toBeFocused();
  // The site view fills in the country; the entrance of the dialog ends.
  await expect(card).toContainText('+49');
  await card.evaluate((element) => Promise.all(element.getAnimations().map(({ finished }) => finished)));
  return {
    launcher: closed,
    card: await readLook(card),
    number: await readLook(number),
    send: await readLook(send),
    title: await readLook(title),
    close: await readLook(button('Close')),
  };
}

async function readLook(part: Locator): Promise<Record<string, string>> {
  return part.evaluate((element) => {
    const styles = getComputedStyle(element);
    const { x, y, width, height } = element.getBoundingClientRect();
    const place = [x, y, width, height].map((length) => length.toFixed(1)).join(' ');
    // The page's own custom properties may come through; what counts is what is drawn with them.
    const drawn = Array.from(styles).filter((name) => !name.startsWith('--'));
    return Object.fromEntries([['place', place], ...drawn.map((name) => [name, styles.getPropertyValue(name)])]);
  });
}
