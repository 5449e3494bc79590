/** Under the tightest policy a page can set the widget works whole, and the browser has nothing to complain about. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { scriptTag } from '../pages/shop-page.ts';
import { strictPage } from '../pages/strict-page.ts';
import { WIDGET_SCRIPT } from '../support/built.ts';
import { expect, test } from '../support/test.ts';
import { askForCall, widgetOn } from '../support/widget.ts';

test('the whole journey without one violation', async ({ page, context, openSite, openRelay }) => {
  const site = await openSite();
  const relay = await openRelay({ RINGBACK_ORIGINS: site.origin });
  site.put('/', strictPage(relay.url, scriptTag(relay.url, {}, { nonce: '{nonce}' })));
  const complaints = await recordComplaints(page);
  await page.goto(site.origin);
  const widget = widgetOn(page);

  await askForCall(widget, '015');
  await expect(widget.fault).toBeVisible();
  await expect(widget.send).toHaveCSS('background-color', 'rgb(11, 110, 79)');
  await widget.number.fill('0151 23456789');
  await widget.send.click();
  await expect(widget.title).toHaveText('Ringing our team');

  const telephones = await context.newPage();
  await telephones.goto(relay.url);
  await telephones.getByRole('button', { name: 'Agent: answer', disabled: false }).click();
  await telephones.getByRole('button', { name: 'Visitor: decline', disabled: false }).click();
  await page.bringToFront();
  await expect(widget.title).toHaveText('No answer');
  await widget.button('Close').click();
  await expect(widget.launcher).toBeFocused();
  expect(complaints).toEqual([]);
});

test('a violation would have been seen', async ({ page, openSite, openRelay }) => {
  const site = await openSite();
  const relay = await openRelay();
  site.put('/', strictPage(relay.url, scriptTag(relay.url, {}, { nonce: '{nonce}' }), '<p style="color: red">Inline</p>'));
  const complaints = await recordComplaints(page);
  await page.goto(site.origin);
  await expect(widgetOn(page).launcher).toBeVisible();
  expect(complaints).toContainEqual('violation of style-src-attr');
});

test('the immutable script is what its integrity says, and nothing else is run', async ({ page, openSite, openRelay }) => {
  const site = await openSite();
  const relay = await openRelay();
  const address = await immutableAddress(relay.url);
  const tag = (integrity: string) =>
    `<script src="${address}" nonce="{nonce}" integrity="${integrity}" crossorigin="anonymous" async></script>`;
  const integrity = `sha384-${createHash('sha384').update(readFileSync(WIDGET_SCRIPT)).digest('base64')}`;
  site.put('/', strictPage(relay.url, tag(integrity)));
  site.put('/other', strictPage(relay.url, tag(`sha384-${createHash('sha384').update('other').digest('base64')}`)));

  const complaints = await recordComplaints(page);
  await page.goto(site.origin);
  await expect(widgetOn(page).launcher).toBeVisible();
  expect(complaints).toEqual([]);

  await page.goto(`${site.origin}/other`);
  await expect.poll(() => complaints.join()).toContain('integrity');
  await expect(widgetOn(page).launcher).toHaveCount(0);
});

/** Everything that the browser reports from now on: violations, errors and warnings. */
async function recordComplaints(page: Page): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  await page.exposeFunction('complain', (directive: string) => complaints.push(`violation of ${directive}`));
  await page.addInitScript("document.addEventListener('securitypolicyviolation', (event) => complain(event.effectiveDirective))");
  return complaints;
}

/** As an operator finds it: the version that the relay says, and the hash that stands in the script's ETag. */
async function immutableAddress(relayUrl: string): Promise<string> {
  const health = (await (await fetch(`${relayUrl}/healthz`)).json()) as { version: string };
  const etag = (await fetch(`${relayUrl}/callback.js`)).headers.get('etag') ?? '';
  return `${relayUrl}/callback/${health.version}.${etag.replaceAll('"', '')}.js`;
}
