/** Where the relay wants a proof, the page finds one by itself: the visitor sees nothing of it. */
import { scriptTag } from '../pages/shop-page.ts';
import { strictPage } from '../pages/strict-page.ts';
import { recordPosts } from '../support/posts.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, E164, TYPED, widgetOn } from '../support/widget.ts';

const SETTINGS = { RINGBACK_PROOF: 'always' };

test('the page solves what the relay will ask for while the visitor types, under the tightest policy, and one telephone rings once', async ({
  page,
  openShop,
}) => {
  const { url, portal, relay } = await openShop({
    settings: SETTINGS,
    page: (relayUrl) => strictPage(relayUrl, scriptTag(relayUrl, {}, { nonce: '{nonce}' })),
  });
  const violations: string[] = [];
  await page.exposeFunction('complain', (directive: string) => violations.push(directive));
  await page.addInitScript("document.addEventListener('securitypolicyviolation', (event) => complain(event.effectiveDirective))");
  const posts = recordPosts(page);
  const given = page.waitForResponse('**/v1/sites/default/challenge');
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  expect((await given).status()).toBe(200);
  await widget.number.fill(TYPED);
  await widget.send.click();

  await expect(widget.title).toHaveText('We have started calling');
  expect(violations).toEqual([]);
  expect(posts.bodies().map((body) => JSON.parse(body) as Record<string, unknown>)).toEqual([
    expect.objectContaining({ phone: TYPED, proof: expect.stringMatching(/^[\w-]{700,2048}$/) }),
  ]);
  expect(relay.log().filter(({ event }) => event === 'request.refused')).toEqual([]);
  expect(portal.dials).toMatchObject([{ number: E164 }]);
  expect(portal.dialRequests()).toHaveLength(1);
});

test('where nothing could be had beforehand, the relay asks for it, and the same request then brings it', async ({ page, openShop }) => {
  const { url, portal, relay } = await openShop({ settings: SETTINGS });
  await page.route('**/challenge', (route) => route.abort('connectionreset'));
  const posts = recordPosts(page);
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('We have started calling');
  expect(posts.keys()).toHaveLength(2);
  expect(new Set(posts.keys()).size).toBe(1);
  const [asked, proved] = posts.bodies().map((body) => JSON.parse(body) as Record<string, unknown>);
  expect(asked).not.toHaveProperty('proof');
  expect(proved).toEqual({ ...asked, proof: expect.stringMatching(/^[\w-]{700,2048}$/) });
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toHaveLength(1);
  expect(portal.dials).toMatchObject([{ number: E164 }]);
  expect(portal.dialRequests()).toHaveLength(1);
});

test('an answer that is lost after the proof: the very same request again, and it is the same call', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ settings: SETTINGS });
  const posts = recordPosts(page);
  let answered = 0;
  await page.route('**/v1/calls', async (route) => {
    answered += 1;
    const response = await route.fetch();
    await (answered === 1 ? route.abort('connectionreset') : route.fulfill({ response }));
  });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('We have started calling');
  expect(posts.keys()).toHaveLength(2);
  expect(new Set(posts.keys()).size).toBe(1);
  expect(posts.bodies()[0]).toContain('"proof":');
  expect(posts.bodies()[1]).toBe(posts.bodies()[0]);
  expect(portal.dials).toMatchObject([{ number: E164 }]);
});

test('a widget that is taken out of the page stops solving and sends nothing more', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ settings: SETTINGS });
  // Slow enough that there is something to stop.
  await page.addInitScript(`
    const { deriveBits } = SubtleCrypto.prototype;
    window.derived = 0;
    SubtleCrypto.prototype.deriveBits = async function (...args) {
      window.derived += 1;
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return deriveBits.apply(this, args);
    };
  `);
  const posts = recordPosts(page);
  await page.goto(url);
  await askForCall(widgetOn(page));
  await page.waitForFunction('window.derived > 0');
  await page.evaluate('Ringback.destroy()');
  const derived = await page.evaluate('window.derived');
  await page.waitForTimeout(2000);
  expect(await page.evaluate('window.derived')).toBe(derived);
  expect(posts.keys()).toEqual([]);
  expect(portal.dials).toEqual([]);
});
