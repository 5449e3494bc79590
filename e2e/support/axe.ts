/** Axe, which knows the machine-checkable part of WCAG, run on the widget as it now stands. */

import type { Page } from '@playwright/test';
import axe, { type AxeResults } from 'axe-core';

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** `rule: element` for every violation; empty is good. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations, passes } = await page.evaluate<AxeResults>(
    `axe.run('ringback-widget', { runOnly: ${JSON.stringify(RULES)}, resultTypes: ['violations', 'passes'] })`,
  );
  // A run that has looked at nothing would find nothing either.
  if (passes.length === 0) throw new Error('Axe did not see the widget.');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.flat().join(' ')} ${failureSummary}`),
  );
}
