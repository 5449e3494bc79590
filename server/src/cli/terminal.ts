/** How commands look on a terminal. Programs get plain text: colour only where somebody looks, or where it was asked for. */
import Table from 'cli-table3';
import picocolors from 'picocolors';

/** Before anything is written. `NO_COLOR` (https://no-color.org) wins over `FORCE_COLOR`. */
export const paint = picocolors.createColors(wantsColor(process.env, process.stdout.isTTY));

export function wantsColor({ NO_COLOR, FORCE_COLOR, TERM }: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0';
  return isTerminal && TERM !== 'dumb';
}

/** Columns under a head, with a line break at the end. */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[], colors = paint): string {
  const table = new Table({
    head: head.map((name) => colors.dim(name)),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: NO_FRAME,
  });
  table.push(...rows.map((row) => row.map(printable)));
  const lines = table.toString().split('\n');
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

const NO_FRAME = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};

/** What others have named ends up on a terminal: no control characters. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, '');
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
