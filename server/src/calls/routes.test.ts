import { expect, test } from 'vitest';
import { exampleSite } from '../simulators/example-site.ts';
import { everyRouteOf } from './routes.ts';

test('of departments on one line each that rings others is looked at', () => {
  const department = (key: string, srcNum: string[]) => {
    return { key, name: key, line: undefined, announcement: undefined, hours: undefined, telphin: { srcNum } };
  };
  const departments = [department('sales', ['106']), department('repairs', ['107']), department('office', ['107'])];
  const site = exampleSite({ line: '99', telphin: { srcNum: ['105'] }, departments: new Map(departments.map((each) => [each.key, each])) });
  expect(everyRouteOf(site).map(({ telphin }) => telphin?.srcNum)).toEqual([['105'], ['106'], ['107']]);
});
