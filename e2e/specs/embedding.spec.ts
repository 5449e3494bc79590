/** How the widget behaves as a guest: where it stands, what it fetches, what it keeps, and what it leaves behind. */
import type { Page } from '@playwright/test';
import { bodySwapPage } from '../pages/body-swap-page.ts';
import { scriptTag, shopPage } from '../pages/shop-page.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, widgetOn } from '../support/widget.ts';

test('the tag twice is one launcher', async ({ page, openShop }) => {
  const { url } = await openShop({ page: (relayUrl) => shopPage({ relayUrl, body: scriptTag(relayUrl) }) });
  await page.goto(url);
  await page.waitForLoadState('networkidle');
  const { launcher, host } = widgetOn(page);
  await expect(launcher).toBeVisible();
  await expect(host).toHaveCount(1);
});

test('inline: the form stands where the page wants it', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ attributes: { mode: 'inline', target: '#here' }, body: '<div id="here"></div>' });
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(page.locator('#here').locator('ringback-widget').getByRole('region', { name: 'We call you back' })).toBeVisible();
  await expect(widget.launcher).toHaveCount(0);
  await widget.number.fill('0151 23456789');
  await widget.send.click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

test('a button of the page’s own opens the dialog, and gets the focus back', async ({ page, openShop }) => {
  const { url } = await openShop({ attributes: { target: '#ask' }, body: '<button id="ask">Ask us</button>' });
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.host).toBeAttached();
  await expect(widget.launcher).toHaveCount(0);
  await page.locator('#ask').click();
  await expect(widget.number).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(page.locator('#ask')).toBeFocused();
});

test('destroy() in the middle of a call leaves nothing', async ({ page, openShop }) => {
  const { url } = await openShop();
  await page.clock.install();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');

  await page.evaluate('Ringback.destroy()');
  await expect(widget.host).toHaveCount(0);
  expect(await page.evaluate('typeof window.Ringback')).toBe('undefined');
  const requests = recordRequests(page);
  await page.evaluate(() => {
    for (const name of ['online', 'pageshow']) window.dispatchEvent(new Event(name));
    document.dispatchEvent(new Event('visibilitychange'));
    document.body.append('changed');
  });
  await page.clock.fastForward(600_000);
  await page.waitForLoadState('networkidle');
  expect(requests).toEqual([]);
  await expect(widget.host).toHaveCount(0);
});

test('what the page listens to itself stays its own', async ({ page, openShop }) => {
  const head =
    '<script>heed = visualViewport.onresize = onresize = onpageshow = ononline = document.onvisibilitychange = () => {}</script>';
  const { url } = await openShop({ head });
  await page.goto(url);
  await expect(widgetOn(page).launcher).toBeVisible();
  const heeded = await page.evaluate<unknown[]>(
    '[visualViewport.onresize, onresize, onpageshow, ononline, document.onvisibilitychange].map((each) => each === heed)',
  );
  expect(heeded).toEqual([true, true, true, true, true]);
});

test('nothing is fetched before the visitor shows intent', async ({ page, openShop }) => {
  const { url, relay } = await openShop();
  const requests = recordRequests(page);
  await page.goto(url);
  const { launcher } = widgetOn(page);
  await expect(launcher).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(requests).toEqual([url, `${relay.url}/callback.js`]);

  await launcher.hover();
  await expect.poll(() => requests.slice(2)).toEqual([`${relay.url}/v1/sites/default`]);
});

test('nothing is stored in the browser', async ({ page, context, openShop }) => {
  const { url } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(await context.cookies()).toEqual([]);
  const stored = await page.evaluate(async () => {
    const databases = await indexedDB.databases();
    return [localStorage.length, sessionStorage.length, databases.length, (await caches.keys()).length, window.name];
  });
  expect(stored).toEqual([0, 0, 0, 0, '']);
});

test('the widget comes without a layout shift, and never moves anything of the page', async ({ page, openShop }) => {
  const { url } = await openShop();
  await page.addInitScript(recordShifts);
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.launcher).toBeVisible();
  await page.waitForLoadState('networkidle');
  expect(await page.evaluate('shifts')).toEqual([]);

  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  await widget.button('Close').click();
  await expect(widget.card).toBeHidden();
  expect(await page.evaluate<unknown[]>('shifts')).not.toContain('page');

  // The observer does see what moves.
  const push = () => page.evaluate(() => document.body.prepend(document.createElement('hr')));
  await expect.poll(() => push().then(() => page.evaluate<unknown[]>('shifts'))).toContain('page');
});

test('on a narrow screen the dialog is a sheet at the lower edge, from side to side', async ({ page, openShop }) => {
  // Wider than the dialog is elsewhere, so that a gap beside it would show.
  await page.setViewportSize({ width: 460, height: 800 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const { url } = await openShop();
  await page.goto(url);
  const { launcher, card } = widgetOn(page);
  await launcher.click();
  const sheet = await card.boundingBox();
  expect(sheet).toMatchObject({ x: 0, width: 460 });
  expect((sheet?.y ?? 0) + (sheet?.height ?? 0)).toBeCloseTo(800, 0);
  await expect(card).toHaveCSS('border-radius', '20px 20px 0px 0px');
});

test('a page that exchanges its body keeps exactly one launcher that works', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ page: bodySwapPage });
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.launcher).toBeVisible();
  for (let visit = 0; visit < 3; visit += 1) {
    await page.locator('#turbo').click();
    await expect(page.locator('html')).toHaveAttribute('data-page', 'next');
    await expect(widget.launcher).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(widget.host).toHaveCount(1);
  }
  await page.locator('#fragment').click();
  await expect(page.getByRole('heading', { name: 'Swapped' })).toBeVisible();
  await expect(widget.host).toHaveCount(1);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

test('a dialog that was open when the body went can be opened again', async ({ page, openShop }) => {
  const { url } = await openShop({ page: bodySwapPage });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await widget.number.fill('0151 23');
  await page.locator('#turbo').evaluate((button: HTMLButtonElement) => button.click());
  await expect(widget.card).toBeHidden();
  await widget.launcher.click();
  await expect(widget.number).toBeFocused();
  await expect(widget.number).toHaveValue('0151 23');
});

test('on a Russian page the words are Russian', async ({ page, openShop }) => {
  const { url, relay } = await openShop({ lang: 'ru', settings: { RINGBACK_COUNTRY: 'RU' } });
  const requests = recordRequests(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.launcher).toHaveText('Перезвоните мне');
  await page.waitForLoadState('networkidle');
  expect(requests).not.toContain(`${relay.url}/callback/ru.json`);

  await askForCall(widget, '8 916 123');
  expect(requests).toContain(`${relay.url}/callback/ru.json`);
  await expect(widget.title).toHaveText('Мы вам перезвоним');
  await expect(widget.fault).toHaveText('Номер слишком короткий для страны Россия.');
  await widget.number.fill('8 916 123-45-67');
  await widget.send.click();
  await expect(widget.title).toHaveText('Мы начали звонить');
});

test('on a page that runs from right to left the launcher stands left, and the number still reads as a number', async ({
  page,
  openShop,
}) => {
  const { url } = await openShop({ lang: 'ar', dir: 'rtl' });
  await page.goto(url);
  const widget = widgetOn(page);
  const corner = await widget.launcher.boundingBox();
  expect(corner?.x).toBe(20);
  await widget.launcher.click();
  await expect(widget.title).toHaveCSS('direction', 'rtl');
  await expect(widget.number).toHaveCSS('direction', 'ltr');
  const [close, title] = await Promise.all([widget.button('Close').boundingBox(), widget.title.boundingBox()]);
  expect(close?.x).toBeLessThan(title?.x ?? 0);
});

/** Addresses of all requests from now on. */
function recordRequests(page: Page): readonly string[] {
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  return requests;
}

/** Runs in the page: whose layout shifted, for every shift. Elements inside a shadow tree are not named to the page. */
function recordShifts(): void {
  const shifts: string[] = [];
  Object.assign(window, { shifts });
  new PerformanceObserver((list) => {
    for (const { sources } of list.getEntries() as (PerformanceEntry & { sources: { node: Node | null }[] })[]) {
      shifts.push(sources.some(({ node }) => node !== null) ? 'page' : 'widget');
    }
  }).observe({ type: 'layout-shift', buffered: true });
}
