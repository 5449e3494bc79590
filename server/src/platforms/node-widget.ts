/** The built widget as it lies on disk. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WidgetFiles } from '../http/relay-env.ts';

/** Throws with the command to run if the widget has not been built. */
export function readWidget(folder: string, version: string): WidgetFiles {
  try {
    const script = readFileSync(join(folder, 'callback.js'), 'utf8');
    const languageFolder = join(folder, 'callback');
    const files = readdirSync(languageFolder).filter((file) => file.endsWith('.json'));
    const languages = new Map(files.map((file) => [file.slice(0, -'.json'.length), readFileSync(join(languageFolder, file), 'utf8')]));
    return { version, script, languages };
  } catch (error) {
    throw new Error('The widget has not been built. Run: npm run build', { cause: error });
  }
}
