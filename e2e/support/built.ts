/** Where the built files lie: what a visitor's browser and an operator's machine really get. */
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

export const RELAY_COMMAND = fileURLToPath(new URL('server/dist/cli/ringback.js', ROOT));
export const WIDGET_SCRIPT = fileURLToPath(new URL('widget/dist/callback.js', ROOT));

/** Built files carry no types: whoever loads one says what it uses of it. */
export async function loadSimulator<Exports>(name: SimulatorFile): Promise<Exports> {
  return import(new URL(`server/dist/simulators/${name}.js`, ROOT).href);
}

export type SimulatorFile =
  | 'portal'
  | 'serve-portal'
  | 'serve-application'
  | 'telphin'
  | 'serve-telphin'
  | 'siteverify'
  | 'serve-siteverify';
