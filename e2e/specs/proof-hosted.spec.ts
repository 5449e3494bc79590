/** Captcha services: their scripts run on a page of the relay, in a frame that nobody sees, and no visitor is ever shown a puzzle. */
import { type HostedShop, test, VENDOR_HOSTS, type Vendor } from '../support/hosted-shop.ts';
import { recordPosts } from '../support/posts.ts';
import { expect } from '../support/test.ts';
import { askForCall, E164, TYPED, type WidgetParts, widgetOn } from '../support/widget.ts';

const VENDORS: readonly Vendor[] = ['turnstile', 'hcaptcha', 'smartcaptcha'];

for (const vendor of VENDORS) {
  test(`${vendor}: form, hidden frame, token, verified, one call; policies of page and relay hold`, async ({ page, openHostedShop }) => {
    const shop = await openHostedShop(vendor, page);
    const violations: string[] = [];
    await page.exposeFunction('complain', (directive: string) => violations.push(directive));
    // In every frame, the relay's and the vendor's included.
    await page.addInitScript("document.addEventListener('securitypolicyviolation', (event) => complain(event.effectiveDirective))");
    const posts = recordPosts(page);
    const loaded: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(VENDOR_HOSTS[vendor])) loaded.push(request.frame().parentFrame()?.url());
    });
    await page.goto(shop.url);
    const widget = widgetOn(page);
    await widget.launcher.click();
    await widget.number.fill(TYPED);
    await widget.send.click();

    await expect(widget.title).toHaveText('We have started calling');
    expect(violations).toEqual([]);
    expect(posts.bodies().map((body) => JSON.parse(body) as object)).toEqual([
      expect.objectContaining({ site: 'shop', proof: expect.stringContaining(`${vendor}.1.`) }),
    ]);
    expect(shop.simulator.questions).toHaveLength(1);
    expect(shop.portal.dials).toMatchObject([{ number: E164 }]);
    expect(shop.portal.dialRequests()).toHaveLength(1);
    // Script and frame of the vendor, and never from the page itself, which has no frame around it.
    expect(loaded.length).toBeGreaterThanOrEqual(2);
    expect(loaded).not.toContain(undefined);
    await expect(widget.host.locator('iframe')).toHaveCount(0);
  });

  for (const mood of ['asked', 'fails'] as const) {
    test(`${vendor}: a visitor who ${mood === 'asked' ? 'would be shown a puzzle' : 'fails'} is told the truth, and nobody is rung`, async ({
      page,
      openHostedShop,
    }) => {
      const shop = await openHostedShop(vendor, page);
      shop.simulator.meet(mood);
      await page.goto(shop.url);
      const widget = widgetOn(page);
      await askForCall(widget);
      await expectRefused(widget, shop);
      expect(shop.simulator.questions).toEqual([]);
    });
  }
}

test('a service that refuses the token: nobody is rung', async ({ page, openHostedShop }) => {
  const shop = await openHostedShop('turnstile', page);
  const refusal = JSON.stringify({ success: false, 'error-codes': ['invalid-input-response'] });
  for (let at = 0; at < 9; at++) shop.simulator.misbehave('turnstile', { kind: 'answer', status: 200, body: refusal });
  const posts = recordPosts(page);
  await page.goto(shop.url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expectRefused(widget, shop);
  expect(new Set(posts.keys()).size).toBe(1);
  expect(shop.simulator.questions.length).toBeGreaterThan(0);
});

test('a check that could not be run beforehand is run when the relay asks for it', async ({ page, openHostedShop }) => {
  const shop = await openHostedShop('hcaptcha', page);
  await page.route('**/challenge', (route) => route.abort('connectionreset'));
  const posts = recordPosts(page);
  await page.goto(shop.url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(posts.keys()).toHaveLength(2);
  expect(new Set(posts.keys()).size).toBe(1);
  expect(shop.portal.dials).toMatchObject([{ number: E164 }]);
});

test('the frame is nowhere for eyes and hands, moves nothing, and leaves with the widget', async ({ page, openHostedShop }) => {
  const shop = await openHostedShop('turnstile', page);
  shop.simulator.meet('silent');
  await page.goto(shop.url);
  const before = await page.evaluate('document.documentElement.scrollHeight');
  const widget = widgetOn(page);
  await widget.launcher.hover();
  const frame = widget.host.locator('iframe');
  await expect(frame).toHaveCount(1);
  await expect(frame).toBeHidden();
  expect(await page.evaluate('document.documentElement.scrollHeight')).toBe(before);
  await page.evaluate('Ringback.destroy()');
  expect(
    page
      .frames()
      .slice(1)
      .filter((each) => !each.isDetached()),
  ).toEqual([]);
});

/** The honest failure: it cannot be done now, and the company's own number. */
async function expectRefused(widget: WidgetParts, { portal, relay }: HostedShop): Promise<void> {
  await expect(widget.title).toHaveText('No calls right now');
  await expect(widget.card.locator('a[href^="tel:"]')).toBeVisible();
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toEqual([]);
  expect(portal.dials).toEqual([]);
  expect(portal.dialRequests()).toEqual([]);
}
