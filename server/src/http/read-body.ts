/** Reads a body whose length nobody vouches for: bytes are counted as they arrive, and the rest is never read. */
import { RequestProblem } from './problem-response.ts';

const strictUtf8 = new TextDecoder('utf-8', { fatal: true });
const encoder = new TextEncoder();

export interface ReadOptions {
  maxBytes: number;
  /** The platform vouches for Content-Length, so a body that names a small one may be taken in one piece. */
  enforcesLength?: boolean | undefined;
}

/** UTF-8 text; `body_too_large` above `maxBytes`, `invalid_request` if it is not UTF-8. */
export function readText(request: Request, { maxBytes, enforcesLength = false }: ReadOptions): Promise<string> {
  const length = enforcesLength ? Number(request.headers.get('content-length') ?? Number.NaN) : Number.NaN;
  return length <= maxBytes ? readVouchedText(request, length) : readCountedText(request, maxBytes);
}

function readVouchedText(request: Request, length: number): Promise<string> {
  return request.text().then((text) => {
    // What is not UTF-8 has been replaced by a character of three bytes, mostly of another length than what was sent.
    if (text.includes('\ufffd') && encoder.encode(text).length !== length) throw new RequestProblem('invalid_request', BODY);
    return text;
  });
}

async function readCountedText(request: Request, maxBytes: number): Promise<string> {
  const bytes = await readBytes(request, maxBytes);
  try {
    return strictUtf8.decode(bytes);
  } catch {
    throw new RequestProblem('invalid_request', BODY);
  }
}

const BODY = { detail: 'body' };

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    total += value.byteLength;
    if (total > maxBytes) {
      await reader.cancel().catch(() => {});
      throw new RequestProblem('body_too_large');
    }
    chunks.push(value);
  }
  if (chunks.length === 1 && chunks[0] !== undefined) return chunks[0];
  const joined = new Uint8Array(total);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.byteLength;
  }
  return joined;
}

/** Hands back `invalid_request` for anything that is not JSON. How deep it nests does no harm: the schema goes no deeper than it knows. */
export function parseJson(text: string): unknown {
  const { stackTraceLimit } = Error;
  try {
    // Nobody reads where in the parser it failed, and finding that out costs more than parsing.
    Error.stackTraceLimit = 0;
    return JSON.parse(text);
  } catch {
    return new RequestProblem('invalid_request', BODY);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
