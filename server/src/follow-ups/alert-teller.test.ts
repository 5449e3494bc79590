import { expect, test } from 'vitest';
import type { LogEntry } from '../log.ts';
import { exampleSite } from '../simulators/example-site.ts';
import type { Alert } from '../store/acceptance.ts';
import { alertTeller } from './alert-teller.ts';
import { noticeDrafts } from './notifier.ts';

const sites = new Map([['shop', exampleSite({ key: 'shop', channels: ['mail'] })]]);

function tell(alert: Alert) {
  const entries: LogEntry[] = [];
  let posted = 0;
  const tellerOf = alertTeller({
    draft: noticeDrafts({ sites, deployment: ['ops'] }),
    log: (entry) => entries.push(entry),
    onPosted: () => (posted += 1),
  });
  const teller = tellerOf('shop');
  const notices = teller.draft(alert);
  expect([entries.length, posted]).toEqual([0, 0]);
  teller.told(alert);
  expect(posted).toBe(1);
  return { notices, entries };
}

test('a budget is told of by whose it is and by its day, to those who answer for it', () => {
  const site = tell({ kind: 'budget', scope: 'site_budget', key: 'site:shop:2026-11-28', percent: 80 });
  expect(site.notices).toMatchObject([
    {
      channel: 'mail',
      site: 'shop',
      topic: 'budget:site:shop:2026-11-28:80',
      text: expect.stringContaining('the site shop for 2026-11-28'),
    },
  ]);
  expect(site.entries).toMatchObject([{ level: 'warn', event: 'budget.reached', percent: 80, purse: 'site:shop:2026-11-28' }]);
  const all = tell({ kind: 'budget', scope: 'deployment_budget', key: 'deployment:2026-11-20', percent: 100 });
  expect(all.notices).toMatchObject([{ channel: 'ops', site: undefined, text: expect.stringContaining('2026-11-20 is spent') }]);
  expect(all.entries).toMatchObject([{ level: 'error' }]);
});

test('numbers that begin alike are told of by their country, once for each, and without a digit of theirs', () => {
  const { notices, entries } = tell({ kind: 'destination', country: 'DE', calls: 21, of: 50 });
  expect(notices).toMatchObject([{ channel: 'ops', topic: 'destination:DE', text: expect.stringContaining('21 of the last 50 calls') }]);
  expect(notices[0]?.text).not.toMatch(/\+|\d{3}/);
  expect(entries).toMatchObject([{ level: 'warn', event: 'destination.crowded', country: 'DE', calls: 21, of: 50 }]);
});
