/** The JSON file. A parser's own complaint quotes what it read, so none of it is passed on but the place. */
import type { ConfigFault } from './config-fault.ts';
import { CONFIG_VARIABLE } from './environment.ts';

export type JsonObject = Readonly<Record<string, unknown>>;
export type FileReading = { ok: true; file: JsonObject } | { ok: false; fault: ConfigFault };

export function readConfigFile(path: string, readFile: (path: string) => string): FileReading {
  let text: string;
  try {
    text = readFile(path);
  } catch (error) {
    return fault(`The file that this names ${describeReadError(error)}.`);
  }
  // Editors on Windows put a byte order mark first, which JSON does not allow.
  return parseFile(text.replace(/^\uFEFF/, ''));
}

function parseFile(text: string): FileReading {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fault(
      `The file is not valid JSON${describePlace(text, error)}. Look for a missing quote or comma, a comma too many, or a comment.`,
    );
  }
  return isJsonObject(value) ? { ok: true, file: value } : fault('The file must hold one JSON object: { … }.');
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every environment variable that the file refers to, however deep: it is in use, though it is no setting by itself. */
export function findReferences(file: JsonObject): Set<string> {
  const found = new Set<string>();
  const left: unknown[] = [file];
  while (left.length > 0) {
    const value = left.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (isJsonObject(value) && typeof value.$env === 'string') found.add(value.$env);
    for (const inner of Object.values(value)) left.push(inner);
  }
  return found;
}

function fault(message: string): FileReading {
  return { ok: false, fault: { setting: CONFIG_VARIABLE, message } };
}

function describeReadError(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ENOENT':
      return 'does not exist; a relative path is seen from the folder in which the relay starts';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by the user that the relay runs as';
    case 'EISDIR':
      return 'is a folder';
    default:
      return 'cannot be read';
  }
}

/** V8 tells the place as `at position 42`, where it tells it. */
function describePlace(text: string, error: unknown): string {
  const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined;
  if (position === undefined) return '';
  const lines = text.slice(0, Number(position)).split('\n');
  return ` at line ${lines.length}, character ${(lines.at(-1)?.length ?? 0) + 1}`;
}
