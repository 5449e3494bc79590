/** Tells the operator of what an acceptance or a cost has brought about: by a notice that is kept with it, and a line in the log. */
import type { Notice } from '../calls/calls.ts';
import type { Log, LogEntry } from '../log.ts';
import type { Alert, BudgetAlert, DestinationAlert, Teller } from '../store/acceptance.ts';
import type { DraftNotices } from './notifier.ts';

export interface AlertTellerOptions {
  draft: DraftNotices;
  log: Log;
  /** A notice waits to be delivered. */
  onPosted: () => void;
}

export type TellerOf = (site: string) => Teller;

/** By the key of the site whose call it was. */
export function alertTeller({ draft, log, onPosted }: AlertTellerOptions): TellerOf {
  return (site) => ({
    draft: (alert) => draft(wordsOf(alert, site).notice),
    told: (alert) => {
      log(wordsOf(alert, site).entry);
      onPosted();
    },
  });
}

interface Words {
  notice: Notice;
  entry: LogEntry;
}

function wordsOf(alert: Alert, site: string): Words {
  switch (alert.kind) {
    case 'budget':
      return wordBudget(alert, site);
    case 'destination':
      return wordDestination(alert);
  }
}

/** No digit of the numbers stands in it, and it is the whole deployment's matter. */
function wordDestination({ country, calls, of }: DestinationAlert): Words {
  const text =
    `${calls} of the last ${of} calls went to numbers of one country (${country}) that begin with the same digits. Somebody may be earning by ` +
    'them. Look at the latest calls, and block that beginning if nobody there is a customer. Until then such calls need the hardest proof where a site asks for proofs.';
  return {
    notice: { topic: `destination:${country}`, text },
    entry: { level: 'warn', event: 'destination.crowded', country, calls, of, message: text },
  };
}

/** A purse is named after its day, which for a call at a slot is not today's. */
const DATE = /\d{4}-\d{2}-\d{2}$/;

function wordBudget({ scope, key, percent }: BudgetAlert, site: string): Words {
  const date = DATE.exec(key)?.[0] ?? key;
  const budget = `The budget of ${scope === 'site_budget' ? `the site ${site}` : 'all sites together'} for ${date}`;
  const text =
    percent === 100
      ? `${budget} is spent: no more calls are taken that would be made on that day.`
      : `${budget}: ${percent} % are spent or set aside.`;
  return {
    notice: { topic: `budget:${key}:${percent}`, ...(scope === 'site_budget' && { site }), text },
    entry: { level: percent === 100 ? 'error' : 'warn', event: 'budget.reached', scope, percent, purse: key, site, message: text },
  };
}
