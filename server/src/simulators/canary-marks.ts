/** Values that may be seen nowhere, and where they are looked for: as they are, respelt, and encoded. `npm test` reads the same file. */
import marks from './canary-marks.json' with { type: 'json' };
import { searchMarks } from './search-marks.mjs';

export const MARKS = marks;

/** Numbers that all end in the marked digits: mobile ones, then fixed lines. National, as a visitor types them. */
export const MARKED_NUMBERS: readonly string[] = [
  ...[
    '1510',
    '1511',
    '1512',
    '1514',
    '1515',
    '1516',
    '1517',
    '1520',
    '1522',
    '1523',
    '1525',
    '1570',
    '1573',
    '1575',
    '1577',
    '1578',
    '1590',
  ],
  ...['160', '162', '163', '170', '172', '173', '174', '175', '176', '177', '178', '179'],
  ...['30', '40', '69', '89', '201', '211', '221', '231', '341', '351', '421', '511', '711', '911'],
].map((prefix) => `0${prefix} ${marks.lastDigits}`);

const search = searchMarks(marks);

/** Every mark that shows in the text, by name. */
export function findMarks(text: string): string[] {
  return search.find(text);
}
