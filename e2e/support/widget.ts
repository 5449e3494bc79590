/** The widget as a visitor finds it: by roles and words, inside its shadow tree. */
import type { FrameLocator, Locator, Page } from '@playwright/test';

/** An ordinary mobile number of Germany, as people there type it. */
export const TYPED = '0151 23456789';
export const E164 = '+4915123456789';
export const SHOWN = '+49 1512 3456789';

export interface WidgetParts {
  readonly host: Locator;
  readonly launcher: Locator;
  /** The dialog, or the form in the page. */
  readonly card: Locator;
  readonly number: Locator;
  readonly send: Locator;
  readonly title: Locator;
  /** The live region: title and the sentence under it. */
  readonly news: Locator;
  /** Something is wrong with a field. */
  readonly fault: Locator;
  button(name: string | RegExp): Locator;
}

export function widgetOn(where: Page | FrameLocator): WidgetParts {
  const host = where.locator('ringback-widget');
  const card = host.getByRole('dialog').or(host.getByRole('region'));
  return {
    host,
    launcher: host.locator('[aria-haspopup="dialog"]'),
    card,
    number: card.getByRole('textbox').and(card.locator('[type="tel"]')),
    send: card.locator('[type="submit"]'),
    title: card.getByRole('heading'),
    news: card.getByRole('status'),
    fault: card.getByRole('alert'),
    button: (name) => card.getByRole('button', { name }),
  };
}

/** Opens the dialog and asks for a call to `typed`. */
export async function askForCall({ launcher, number, send }: WidgetParts, typed = TYPED): Promise<void> {
  await launcher.click();
  await number.fill(typed);
  await send.click();
}
