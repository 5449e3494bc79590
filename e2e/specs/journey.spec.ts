/** The whole way, from the tag to both telephones talking, on the demo that a newcomer sees. */
import type { Page } from '@playwright/test';
import { expect, test } from '../support/test.ts';
import { askForCall, SHOWN, TYPED, type WidgetParts, widgetOn } from '../support/widget.ts';

const ANNOUNCEMENT = 'You have a callback request from the website. Connecting you now.';

test('both telephones ring in turn, both talk, and the widget says no more than was reported', async ({ page, openRelay }) => {
  const { phone, widget, events } = await openDemo(page, (await openRelay()).url);
  await askForCall(widget);

  await expect(phone('agent')).toHaveAttribute('data-mood', 'ringing');
  await expect(phone('visitor')).toHaveAttribute('data-mood', 'quiet');
  await expect(widget.title).toHaveText('Ringing our team');
  await expect(widget.card).toContainText(SHOWN);
  await expect(ticked(widget)).toHaveText(['Request received']);

  await press(page, 'Agent: answer');
  await expect(page.getByText(ANNOUNCEMENT)).toBeVisible();
  await expect(widget.title).toHaveText('Our team has answered');
  await expect(ticked(widget)).toHaveText(['Request received', 'Ringing our team']);

  await expect(phone('visitor')).toHaveAttribute('data-mood', 'ringing');
  await expect(phone('visitor')).toContainText(SHOWN);
  await press(page, 'Visitor: answer');
  await expect(phone('agent')).toContainText('talking to the visitor');
  await expect(phone('visitor')).toContainText('talking to the shop');
  // The portal reports neither the visitor's telephone nor the conversation: both stay what is still to come.
  await expect(widget.title).toHaveText('Our team has answered');
  await expect(ticked(widget)).toHaveText(['Request received', 'Ringing our team']);

  // The portal counts whole seconds: a shorter conversation was none.
  await expect(phone('agent').locator('.timer')).toHaveText('0:01');
  await press(page, 'Agent: hang up');
  await expect(widget.title).toHaveText('The call has ended');
  await expect(widget.news).toContainText('You can close this window.');
  await expect(widget.button('Ask for another call')).toBeVisible();
  await expect(events.filter({ hasText: "agent's phone rings" })).toHaveCount(1);
});

test('an agent who declines: the visitor’s telephone never rings, and the widget says that it came to nothing', async ({
  page,
  openRelay,
}) => {
  const { phone, widget, events } = await openDemo(page, (await openRelay()).url);
  await askForCall(widget);
  await press(page, 'Agent: decline');

  await expect(widget.title).toHaveText('No answer');
  await expect(widget.news).toContainText('One of the two phones was not answered.');
  await expect(phone('visitor')).toContainText('never rang');
  await expect(events.filter({ hasText: "visitor's phone rings" })).toHaveCount(0);
  await expect(events.filter({ hasText: "agent's phone rings" })).toHaveCount(1);
});

test('by keyboard alone', async ({ page, openRelay }) => {
  const { phone, widget } = await openDemo(page, (await openRelay()).url);
  await widget.launcher.focus();
  await page.keyboard.press('Enter');
  await expect(widget.number).toBeFocused();
  await page.keyboard.type(TYPED);
  await page.keyboard.press('Enter');
  await expect(widget.title).toHaveText('Ringing our team');
  await expect(widget.title).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(widget.launcher).toBeFocused();

  await enter(page, 'Agent: answer');
  await enter(page, 'Visitor: answer');
  await expect(phone('visitor')).toContainText('talking to the shop');
  await expect(phone('agent').locator('.timer')).toHaveText('0:01');
  // Where the key that answered has gone dark, the keyboard goes on with the one that hangs up.
  await expect(page.getByRole('button', { name: 'Visitor: hang up' })).toBeFocused();
  await page.keyboard.press('Enter');

  await widget.launcher.focus();
  await page.keyboard.press('Enter');
  await expect(widget.title).toHaveText('The call has ended');
});

async function openDemo(page: Page, url: string) {
  await page.goto(url);
  return {
    phone: (leg: 'agent' | 'visitor') => page.locator(`#${leg}`),
    widget: widgetOn(page.frameLocator('iframe.shop')),
    /** The truth log of the simulated telephones, as the page shows it. */
    events: page.locator('#lines li'),
  };
}

/** As a keyboard does it: what is dark takes no focus, so the key waits until it is lit. */
async function enter(page: Page, name: string): Promise<void> {
  const key = page.getByRole('button', { name });
  await expect(key).toBeEnabled();
  await key.press('Enter');
}

async function press(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name, disabled: false }).click();
}

/** The steps that the widget shows as done. */
function ticked({ card }: WidgetParts) {
  return card.getByRole('listitem').and(card.locator('.seen'));
}
