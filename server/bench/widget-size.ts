/** Bytes over the wire: the widget beside what pages usually load to read a telephone number, built in the same run. */
import { readFileSync } from 'node:fs';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'vite';
import type { Row } from './row.ts';

const BUDGET = 16_384;

export async function widgetSizeRows(): Promise<Row[]> {
  process.stderr.write('  widget size\n');
  const ours = brotliBytes(readFileSync('widget/dist/callback.js'));
  const parseOnly = await bundledBytes(
    "import { parsePhoneNumberFromString as read } from 'libphonenumber-js/min'; globalThis.read = read;",
  );
  const telInput = await bundledBytes("import intlTelInput from 'intl-tel-input/intlTelInputWithUtils'; globalThis.input = intlTelInput;");
  return [
    { name: 'widget, brotli', value: `${ours} B`, goal: `≤ ${BUDGET} B`, isReached: ours <= BUDGET },
    { name: '  beside libphonenumber-js/min', value: `${parseOnly} B`, beside: 'parsing only, no form', ratio: ours / parseOnly },
    { name: '  beside intl-tel-input', value: `${telInput} B`, beside: 'with its utils, without its styles', ratio: ours / telInput },
  ];
}

function brotliBytes(bytes: Uint8Array): number {
  return brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).byteLength;
}

async function bundledBytes(source: string): Promise<number> {
  const ENTRY = 'virtual:entry';
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === ENTRY ? `${process.cwd()}/widget/entry.js` : undefined),
        load: (id) => (id.endsWith('widget/entry.js') ? source : undefined),
      },
    ],
    build: { write: false, minify: true, rollupOptions: { input: ENTRY } },
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (output === undefined || !('output' in output)) throw new Error('Nothing was built.');
  return brotliBytes(Buffer.from(output.output.map((file) => ('code' in file ? file.code : '')).join('')));
}
