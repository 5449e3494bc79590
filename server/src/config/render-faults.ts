/** The faults as a calm page for a terminal: all of them, each by the name under which it can be mended. */
import type { ConfigFault } from './config-fault.ts';

const PAGE_WIDTH = 100;
const MAX_NAME_WIDTH = 30;

/** `headline`: what the faults stand in the way of. Ends with a line break. */
export function renderFaults(faults: readonly ConfigFault[], headline = 'Ringback cannot start'): string {
  const settings = new Set(faults.map(({ setting }) => setting));
  const subject = settings.size === 1 ? 'one setting needs' : `${settings.size} settings need`;
  const width = Math.min(MAX_NAME_WIDTH, Math.max(0, ...[...settings].map((setting) => setting.length)));
  const blocks = [...settings].map((setting) => renderBlock(setting, messagesOf(setting, faults), width));
  return `\n${headline}: ${subject} attention.\n\n${blocks.join('\n')}\n\nAll settings: docs/configuration.md\n\n`;
}

function messagesOf(setting: string, faults: readonly ConfigFault[]): string[] {
  return [...new Set(faults.filter((fault) => fault.setting === setting).map(({ message }) => message))];
}

function renderBlock(setting: string, messages: readonly string[], width: number): string {
  const indent = ' '.repeat(width + 4);
  const lines = messages.flatMap((message) => wrapText(message, PAGE_WIDTH - indent.length)).map((line) => `${indent}${line}`);
  // A name wider than its column has a line of its own.
  if (setting.length > width) return [`  ${setting}`, ...lines].join('\n');
  return [`  ${setting.padEnd(width)}  ${lines[0]?.trimStart() ?? ''}`, ...lines.slice(1)].join('\n');
}

/** Lines of at most `width` characters, where no word is longer. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
