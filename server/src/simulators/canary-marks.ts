/** Values that may be seen nowhere, and where they are looked for: as they are, respelt, and encoded. `npm test` reads the same file. */
import marks from './canary-marks.json' with { type: 'json' };

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

/** Every mark that shows in the text, by name. */
export function findMarks(text: string): string[] {
  return Object.entries(marks)
    .filter(([, mark]) => spellingsOf(mark).some((spelling) => text.includes(spelling)) || (isDigits(mark) && closeUp(text).includes(mark)))
    .map(([name]) => name);
}

function spellingsOf(mark: string): string[] {
  const bytes = Buffer.from(mark);
  return [mark, encodeURIComponent(mark), mark.replaceAll(' ', '+'), bytes.toString('hex'), bytes.toString('utf16le'), ...base64Of(bytes)];
}

/** At any place of a longer text: without the characters that its neighbours would change. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    return (['base64', 'base64url'] as const).map((encoding) =>
      padded
        .toString(encoding)
        .replace(/=+$/, '')
        .slice(shift + 1, -1),
    );
  });
}

const isDigits = (mark: string) => /^\d+$/.test(mark);

/** Digits that were set apart for reading come together again. */
function closeUp(text: string): string {
  return text.replace(/(?<=\d)(?:[ \u00a0()./-]|&nbsp;|%20|\\u00a0){1,3}(?=\d)/g, '');
}
