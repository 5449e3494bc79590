/** A relay that is given a portal by nothing but webhook URL and line; the portal's own telephones say what was dialled. */
import { LINE, type Misbehaviour } from '../support/portal.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, E164, SHOWN, widgetOn } from '../support/widget.ts';

const ORDER = {
  FROM_LINE: LINE,
  TO_NUMBER: E164,
  TEXT_TO_PRONOUNCE: 'You have a callback request from the website. Connecting you now.',
};
/** A call is dialled within two minutes of its acceptance or not at all. */
const PAST_THE_DEADLINE_MS = 125_000;

test('one accepted call is exactly one correct order, and no step is invented', async ({ page, openShop }) => {
  const { url, portal } = await openShop();
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('We have started calling');
  await expect(widget.news).toContainText('Our team’s phone rings first, then yours.');
  await expect(widget.card).toContainText(SHOWN);
  // Events are off: what the telephones do is not known here.
  await expect(widget.card.getByRole('listitem')).toHaveCount(0);
  expect(portal.dialRequests()).toEqual([
    expect.objectContaining({ httpMethod: 'POST', contentType: 'application/json', params: { ...ORDER } }),
  ]);
  expect(portal.dials).toMatchObject([{ line: LINE, number: E164 }]);
});

test('voice and announcement are the operator’s', async ({ page, openShop }) => {
  const settings = { BITRIX24_VOICE: 'eurgermanfemale', RINGBACK_ANNOUNCEMENT: 'Rückruf aus dem Laden.' };
  const { url, portal } = await openShop({ settings });
  await page.goto(url);
  await askForCall(widgetOn(page));
  await expect
    .poll(() => portal.dialRequests().map(({ params }) => ({ ...params })))
    .toEqual([{ ...ORDER, VOICE: 'eurgermanfemale', TEXT_TO_PRONOUNCE: 'Rückruf aus dem Laden.' }]);
});

test('a success without a call id is a success', async ({ page, openShop }) => {
  const { url, portal } = await openShop();
  portal.misbehave({ kind: 'without_call_id' });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toHaveLength(1);
});

for (const name of ['unknownLine', 'noRight'] as const) {
  test(`the portal refuses, ${name}: the call failed, and the company’s own number is the way out`, async ({ page, openShop }) => {
    const { url, portal, relay } = await openShop();
    portal.misbehave({ kind: 'error', name });
    await page.goto(url);
    const widget = widgetOn(page);
    await askForCall(widget);

    await expect(widget.title).toHaveText('The call failed');
    await expect(widget.news).toContainText('We could not put you through.');
    await expect(widget.card.getByRole('link', { name: 'Call us: +49 30 123456' })).toHaveAttribute('href', 'tel:+4930123456');
    expect(portal.dialRequests()).toHaveLength(1);
    expect(portal.dials).toEqual([]);
    // What is wrong is the operator's to know, not the visitor's.
    expect(relay.log()).toContainEqual(expect.objectContaining({ event: 'call.refused' }));
    await expect(widget.card).not.toContainText(/line|denied|access|portal/i);
  });
}

test('a number that the portal does not take can be mended', async ({ page, openShop }) => {
  const { url, portal } = await openShop();
  portal.misbehave({ kind: 'error', name: 'badNumber' });
  await page.goto(url);
  const widget = widgetOn(page);
  await askForCall(widget);

  await expect(widget.title).toHaveText('The call failed');
  await expect(widget.news).toContainText('This number cannot be called. Please check it.');
  await widget.button('Use another number').click();
  await expect(widget.number).toBeFocused();
  await widget.number.fill('0151 23456780');
  await widget.send.click();
  await expect(widget.title).toHaveText('We have started calling');
  expect(portal.dials).toMatchObject([{ number: '+4915123456780' }]);
});

const UNCLEAR: readonly { name: string; behaviour: Misbehaviour }[] = [
  { name: 'rings and answers nothing', behaviour: { kind: 'hang', executes: true } },
  { name: 'rings and drops the connection', behaviour: { kind: 'drop', executes: true } },
];

for (const { name, behaviour } of UNCLEAR) {
  test(`the portal ${name}: waiting, then “could not confirm”, and never a second ring`, async ({ page, openShop }) => {
    const { url, portal } = await openShop();
    portal.misbehave(behaviour);
    await page.clock.install();
    await page.goto(url);
    const widget = widgetOn(page);
    await askForCall(widget);
    await expect(widget.title).toHaveText('Request received');
    await expect.poll(() => portal.dials.length).toBe(1);

    await page.clock.fastForward(PAST_THE_DEADLINE_MS);
    await expect(widget.title).toHaveText('Not confirmed');
    await expect(widget.news).toContainText('We could not confirm that the call was started.');
    await expect(widget.card.getByRole('link', { name: 'Call us: +49 30 123456' })).toBeVisible();

    // A person who asks again is held back while the first order may still be carried out.
    await widget.button('Try again').click();
    await widget.send.click();
    await expect(widget.title).toHaveText('Too many requests');
    await expect(widget.news).toContainText(/Nothing was dialled and the number was not stored. Please try again in [23] min/);
    expect(portal.dialRequests()).toHaveLength(1);
    expect(portal.dials).toHaveLength(1);
  });
}
