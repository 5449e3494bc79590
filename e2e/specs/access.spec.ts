/** For people who use a keyboard, a screen reader, large fingers or a dark room. */
import type { Page } from '@playwright/test';
import { findBarriers } from '../support/axe.ts';
import { expect, type Shop, test } from '../support/test.ts';
import { askForCall, TYPED, type WidgetParts, widgetOn } from '../support/widget.ts';

test('the focus goes into the dialog, stays in it, and comes back', async ({ page, openShop }) => {
  const { url } = await openShop({ body: '<a href="#top">A link of the page</a>' });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.press('Enter');
  await expect(widget.number).toBeFocused();
  for (let presses = 0; presses < 8; presses += 1) {
    await page.keyboard.press('Tab');
    // Between its last and its first element the browser itself may have the focus, never the page.
    await expect(page.locator('a[href="#top"]')).not.toBeFocused();
    await expect(widget.launcher).not.toBeFocused();
  }
  await page.keyboard.press('Escape');
  await expect(widget.card).toBeHidden();
  await expect(widget.launcher).toBeFocused();
});

test('roles and names', async ({ page, openShop }) => {
  const { url } = await openShop({ attributes: { 'name-field': 'show' }, settings: { RINGBACK_COUNTRIES: 'DE,AT' } });
  await page.goto(url);
  const widget = widgetOn(page);
  await expect(widget.launcher).toHaveAccessibleName('Call me back');
  await widget.launcher.click();
  await expect(page.getByRole('dialog', { name: 'We call you back' })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Your phone number' })).toHaveAttribute('autocomplete', 'tel');
  await expect(page.getByRole('textbox', { name: 'Your name (optional)' })).toHaveAttribute('autocomplete', 'name');
  await expect(page.getByRole('combobox', { name: 'Country' })).toHaveValue('DE');
  await expect(widget.card.getByRole('option')).toHaveText(['Austria +43', 'Germany +49']);
  await expect(widget.send).toHaveAccessibleName('Call me back');
  await expect(widget.button('Close')).toBeVisible();
});

test('a fault is announced, belongs to its field, and goes when the number is mended', async ({ page, openShop }) => {
  const { url } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget, '015');
  await expect(widget.fault).toHaveText('This number is too short for Germany.');
  await expect(widget.number).toHaveAccessibleDescription('This number is too short for Germany.');
  await expect(widget.number).toBeFocused();
  await widget.number.fill(TYPED);
  await expect(widget.fault).toHaveCount(0);
  await expect(widget.number).not.toHaveAttribute('aria-invalid', 'true');
});

test('news is told in one live region, and the keyboard goes on from it', async ({ page, openShop }) => {
  const { url } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  const region = await widget.news.elementHandle();
  await widget.number.fill(TYPED);
  await widget.number.press('Enter');
  await expect(widget.title).toHaveText('We have started calling');
  await expect(widget.title).toBeFocused();
  // The same element all along: a region that comes with its news already in it is not read out.
  expect(await widget.news.evaluate((now, before) => now === before, region)).toBe(true);
});

interface Scene {
  name: string;
  reach: (widget: WidgetParts, shop: Shop) => Promise<void>;
}

const SCENES: readonly Scene[] = [
  { name: 'closed', reach: ({ launcher }) => expect(launcher).toBeVisible() },
  {
    name: 'editing',
    reach: async ({ launcher, number }) => {
      await launcher.click();
      await expect(number).toBeFocused();
    },
  },
  {
    name: 'fault',
    reach: async (widget) => {
      await askForCall(widget, '015');
      await expect(widget.fault).toBeVisible();
    },
  },
  {
    name: 'refused number',
    reach: async (widget) => {
      await askForCall(widget, '0900 1234567');
      await expect(widget.title).toHaveText('We cannot call this number');
    },
  },
  {
    name: 'waiting',
    reach: async (widget, { portal }) => {
      portal.misbehave({ kind: 'hang', executes: true });
      await askForCall(widget);
      await expect(widget.title).toHaveText('Request received');
    },
  },
  {
    name: 'calling',
    reach: async (widget) => {
      await askForCall(widget);
      await expect(widget.title).toHaveText('We have started calling');
    },
  },
  {
    name: 'failed',
    reach: async (widget, { portal }) => {
      portal.misbehave({ kind: 'error', name: 'noRight' });
      await askForCall(widget);
      await expect(widget.title).toHaveText('The call failed');
    },
  },
];

for (const { name, reach } of SCENES) {
  test(`${name}: no barrier that a machine can find, light or dark, and targets of at least 44 px`, async ({ page, openShop }) => {
    // Colours are judged as they are at rest.
    await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 844 });
    const shop = await openShop({ settings: { RINGBACK_COUNTRIES: 'DE,AT' } });
    await page.goto(shop.url);
    await reach(widgetOn(page), shop);
    expect(await findBarriers(page)).toEqual([]);
    expect(await findSmallTargets(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await findBarriers(page)).toEqual([]);
  });
}

test('steps as they are reported: no barrier either', async ({ page, openRelay, openSite }) => {
  const site = await openSite();
  const relay = await openRelay({ RINGBACK_ORIGINS: site.origin });
  site.put('/', {
    html: `<!doctype html><html lang="en"><title>Shop</title><body><script src="${relay.url}/callback.js" async></script></body></html>`,
  });
  await page.emulateMedia({ reducedMotion: 'reduce', colorScheme: 'light' });
  await page.goto(site.origin);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.card.locator('[aria-current="step"]')).toHaveText('Ringing our team');
  expect(await findBarriers(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await findBarriers(page)).toEqual([]);
});

/** What can be tapped and is smaller than a finger, as `name width×height`. */
async function findSmallTargets(page: Page): Promise<string[]> {
  const { host } = widgetOn(page);
  return host.locator('button, a, input, select').evaluateAll((targets) =>
    targets
      .filter((target) => target.checkVisibility())
      .map((target) => ({ name: target.id || target.className || target.localName, box: target.getBoundingClientRect() }))
      .filter(({ box }) => box.width < 44 || box.height < 44)
      .map(({ name, box }) => `${name} ${box.width}×${box.height}`),
  );
}
