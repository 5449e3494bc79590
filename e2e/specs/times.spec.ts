/** When nobody answers just now: a time is chosen, kept for this visitor alone, and nothing rings before it. */
import { findBarriers } from '../support/axe.ts';
import { expect, type Shop, test } from '../support/test.ts';
import { SHOWN, TYPED, widgetOn } from '../support/widget.ts';

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
/** Open the day after tomorrow alone, so that it is closed now whatever the hour of the test. */
const day = DAYS[(new Date().getUTCDay() + 2) % 7] ?? '';
const CLOSED = { RINGBACK_HOURS: `${day} 10:00-11:00`, RINGBACK_TIME_ZONE: 'UTC' };

test('closed, with times to choose from: one is planned, told, and can be taken back', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ settings: { ...CLOSED, RINGBACK_SLOTS: '30' } });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await expect(widget.news).toContainText('Please choose a time.');
  const choice = page.getByRole('combobox', { name: 'When shall we call?' });
  await expect(choice.getByRole('option')).toHaveCount(2);
  expect(await findBarriers(page)).toEqual([]);

  const wished = (await choice.getByRole('option').nth(1).textContent()) ?? '';
  await choice.selectOption({ index: 1 });
  await widget.number.fill(TYPED);
  await widget.send.click();
  await expect(widget.title).toHaveText('Your call is planned');
  await expect(widget.news).toContainText(wished);
  await expect(widget.card).toContainText(SHOWN);
  expect(portal.dialRequests()).toEqual([]);

  await widget.button('Cancel the call').click();
  await expect(widget.title).toHaveText('Cancelled');
});

test('a time that somebody else has taken meanwhile is said to be taken, and others are offered', async ({ page, openShop }) => {
  const { url, relay, site } = await openShop({ settings: { ...CLOSED, RINGBACK_SLOTS: '30' } });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  const choice = page.getByRole('combobox', { name: 'When shall we call?' });
  const first = await choice.inputValue();
  await fillSlot({ relay, site }, first);

  await widget.number.fill(TYPED);
  await widget.send.click();
  await expect(widget.fault).toHaveText('This time is not free any more. Please choose another.');
  await expect(choice).toBeFocused();
  await expect(widget.number).toHaveValue(TYPED);
});

test('closed, with no times: it says when it opens, and offers the telephone', async ({ page, openShop }) => {
  const { url, portal } = await openShop({ settings: CLOSED });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await expect(widget.title).toHaveText('No calls at this time');
  await expect(widget.news).toContainText('You can ask for a call again from:');
  await expect(page.getByRole('link', { name: /^Call us/ })).toBeVisible();
  expect(portal.dialRequests()).toEqual([]);
});

test('open, with times: as soon as possible unless a time is chosen', async ({ page, openShop }) => {
  const everyDay = { RINGBACK_HOURS: 'mon-sun 00:00-24:00', RINGBACK_TIME_ZONE: 'UTC', RINGBACK_SLOTS: '30' };
  const { url, portal } = await openShop({ settings: everyDay });
  await page.goto(url);
  const widget = widgetOn(page);
  await widget.launcher.click();
  await expect(page.getByRole('combobox', { name: 'When shall we call?' })).toHaveValue('');
  await widget.number.fill(TYPED);
  await widget.send.click();
  await expect.poll(() => portal.dials.length).toBe(1);
});

/** Others take every place of the slot. */
async function fillSlot({ relay, site }: Pick<Shop, 'relay' | 'site'>, at: string): Promise<void> {
  for (let other = 0; other < 20; other += 1) {
    const response = await fetch(`${relay.url}/v1/calls`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID(), Origin: site.origin },
      body: JSON.stringify({ site: 'default', phone: `0151 1234${String(other).padStart(4, '0')}`, at }),
    });
    if (response.status === 202) continue;
    expect(((await response.json()) as { code: string }).code).toBe('slot_unavailable');
    return;
  }
  throw new Error('The slot has no end.');
}
