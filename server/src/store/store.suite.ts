/** What every store promises, as cases that each store runs on its real engine: `storeSuite('sqlite', openStore)`. */
import { describe, test } from 'vitest';
import { acceptCases } from './accept.suite.ts';
import { budgetCases } from './budget.suite.ts';
import { type DefineCase, type OpenStore, withStore } from './case.suite.ts';
import { changeCases } from './changes.suite.ts';
import { credentialCases } from './credentials.suite.ts';
import { dueCases } from './due.suite.ts';
import { forgetCases } from './forget.suite.ts';
import { forgottenLeadCases } from './forgotten-leads.suite.ts';
import { guardCases } from './guard.suite.ts';
import { messageCases } from './messages.suite.ts';
import { recordCases } from './records.suite.ts';
import { rotationCases } from './rotation.suite.ts';
import { shareCases } from './shares.suite.ts';
import { slotCases } from './slots.suite.ts';
import { windowCases } from './windows.suite.ts';

/** Some cases wait for a real disk a few thousand times. */
const CASE_TIMEOUT_MS = 30_000;

export function storeSuite(name: string, open: OpenStore): void {
  describe(`${name}: the promises of a store`, () => {
    const define: DefineCase = (id, title, run) => {
      test(`${id} ${title}`, { timeout: CASE_TIMEOUT_MS }, () => withStore(open, run));
    };
    acceptCases(define);
    windowCases(define, open);
    dueCases(define);
    changeCases(define, open);
    guardCases(define, open);
    budgetCases(define, open);
    forgetCases(define);
    rotationCases(define);
    messageCases(define, open);
    forgottenLeadCases(define);
    slotCases(define, open);
    shareCases(define, open);
    credentialCases(define);
    recordCases(define);
  });
}
