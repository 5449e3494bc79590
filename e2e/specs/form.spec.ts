/** The form without a script, as a page of the relay: what it says, and who is really rung. */
import type { Page } from '@playwright/test';
import { COMPANY_PHONE, expect, test } from '../support/test.ts';
import { E164, TYPED } from '../support/widget.ts';

test.use({ javaScriptEnabled: false, locale: 'en-GB' });

const REFUSED = '0900 1 234567';

test('from the form to the telephone, and the page tells by itself how it stands', async ({ page, openShop }) => {
  const { relay, portal } = await openShop();
  await page.goto(`${relay.url}/form/default`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We call you back');
  await page.getByLabel('Your phone number').fill(TYPED);
  await page.getByLabel('Your name (optional)').fill('Ada');
  await sendUntilTaken(page, 'Call me back');

  // The page renews itself: nobody presses anything.
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We have started calling');
  await expect(page).toHaveTitle(/We have started calling/);
  expect(portal.dials).toMatchObject([{ number: E164 }]);
  expect(portal.dialRequests()).toHaveLength(1);
});

test('a number that is not called: the reason at the field, everything typed still there, nobody rung', async ({ page, openShop }) => {
  const { relay, portal } = await openShop();
  await page.goto(`${relay.url}/form/default`);
  const number = page.getByLabel('Your phone number');
  await number.fill(REFUSED);
  await page.getByLabel('Your name (optional)').fill('Ada');
  const refusal = page.getByText('We cannot call this number. Nothing was dialled and the number was not stored.');
  await expect(async () => {
    await page.getByRole('button', { name: 'Call me back' }).click();
    await expect(refusal).toBeVisible({ timeout: 500 });
  }).toPass();

  await expect(page).toHaveTitle(/^Error: /);
  await expect(number).toHaveValue(REFUSED);
  await expect(number).toHaveAttribute('aria-invalid', 'true');
  await expect(number).toHaveAccessibleDescription(/We cannot call this number/);
  await expect(page.getByLabel('Your name (optional)')).toHaveValue('Ada');
  await expect(page.getByRole('link', { name: /Call us/ })).toHaveAttribute('href', `tel:${COMPANY_PHONE}`);
  expect(portal.dialRequests()).toEqual([]);

  // The same form, mended, is a call.
  await number.fill(TYPED);
  await sendUntilTaken(page, 'Call me back');
  await expect.poll(() => portal.dials.map((dial) => dial.number)).toEqual([E164]);
});

test('sent twice, by going back and pressing again: one dial', async ({ page, openShop }) => {
  const { relay, portal } = await openShop();
  await page.goto(`${relay.url}/form/default`);
  await ripen(page);
  await page.getByLabel('Your phone number').fill(TYPED);
  await page.getByRole('button', { name: 'Call me back' }).click();
  await page.waitForURL(/\/call\?/);
  // The form is drawn anew, so what it sends is a request of its own: it is held back while the telephone may be ringing.
  await page.goBack();
  await ripen(page);
  await page.getByLabel('Your phone number').fill(TYPED);
  await page.getByRole('button', { name: 'Call me back' }).click();
  await expect(page.getByRole('alert')).toContainText('Too many requests');
  await expect(page.getByLabel('Your phone number')).toHaveValue(TYPED);

  await expect.poll(() => portal.dials).toHaveLength(1);
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toHaveLength(1);
  expect(portal.dialRequests()).toHaveLength(1);
});

test('a double click is one call', async ({ page, openShop }) => {
  const { relay, portal } = await openShop();
  await page.goto(`${relay.url}/form/default`);
  const button = page.getByRole('button', { name: 'Call me back' });
  await page.getByLabel('Your phone number').fill(TYPED);
  await expect(async () => {
    await button.dblclick({ timeout: 1_000 });
    await page.waitForURL(/\/call\?/, { timeout: 1_000 });
  }).toPass();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('We have started calling');
  expect(relay.log().filter(({ event }) => event === 'request.accepted')).toHaveLength(1);
  expect(portal.dialRequests()).toHaveLength(1);
});

test.describe('for a browser that speaks Russian', () => {
  test.use({ locale: 'ru-RU' });

  test('the whole way is in Russian, and English is one link away', async ({ page, openShop }) => {
    const { relay, portal } = await openShop({ settings: { RINGBACK_COUNTRY: 'RU' } });
    await page.goto(`${relay.url}/form/default`);
    await expect(page.locator('html')).toHaveAttribute('lang', 'ru');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Мы вам перезвоним');
    await page.getByRole('link', { name: 'English' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('We call you back');
    await page.getByRole('link', { name: 'Русский' }).click();

    await page.getByLabel('Ваш номер телефона').fill('8 912 345-67-89');
    await sendUntilTaken(page, 'Перезвоните мне');
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Мы начали звонить');
    expect(portal.dials).toMatchObject([{ number: '+79123456789' }]);
  });
});

/** A form counts as too young for two seconds: waits until the relay says of this one that it is not. Nothing is asked for. */
async function ripen(page: Page): Promise<void> {
  const token = await page.locator('input[name=token]').inputValue();
  const probe = () => page.request.post(page.url(), { form: { token, phone: '' } });
  await expect.poll(async () => (await probe()).status()).toBe(422);
}

/** A form that was drawn less than two seconds ago says so and waits to be pressed again. */
async function sendUntilTaken(page: Page, button: string): Promise<void> {
  await expect(async () => {
    await page.getByRole('button', { name: button }).click({ timeout: 1_000 });
    await page.waitForURL(/\/call\?/, { timeout: 1_000 });
  }).toPass();
}
