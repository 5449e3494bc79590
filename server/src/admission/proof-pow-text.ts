/**
 * A proof of work as it travels: base64url of JSON, both halves in ALTCHA's format, version 2. What a stranger sends goes on
 * only in exactly this shape; anything more or less is no proof, so neither odd keys nor odd types reach the verifier.
 */
import * as z from 'zod';

export type PowProof = z.infer<typeof powProof>;
export type PowData = PowProof['challenge']['parameters']['data'];

export const POW_ALGORITHM = 'PBKDF2/SHA-256';
export const POW_ACTION = 'callback';
export const POW_KEY_BYTES = 32;

/** Twice what a solved challenge of ours has; the contract takes more, for tokens of others. */
const MAX_POW_CHARS = 2048;

const hex = (bytes: number) => z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));

const powProof = z.strictObject({
  challenge: z.strictObject({
    parameters: z.strictObject({
      algorithm: z.literal(POW_ALGORITHM),
      nonce: hex(16),
      salt: hex(16),
      cost: z.int().min(1),
      keyLength: z.literal(POW_KEY_BYTES),
      // Half of the key is shown to find the counter by; the other half is what only work brings to light.
      keyPrefix: hex(POW_KEY_BYTES / 2),
      keySignature: hex(32),
      data: z.strictObject({
        id: hex(16),
        site: z.string(),
        action: z.literal(POW_ACTION),
        level: z.literal([1, 2, 3]),
        // Epoch ms. Not ALTCHA's own `expiresAt`: its library compares that with the wall clock, and here time has one source.
        expiresAt: z.int(),
      }),
    }),
    signature: hex(32),
  }),
  solution: z.strictObject({
    counter: z.int().min(0).max(0xffff_ffff),
    derivedKey: hex(POW_KEY_BYTES),
    // Other solvers of the format tell how long they took. It proves nothing.
    time: z.number().exactOptional(),
  }),
});

/** Undefined for whatever is not a proof of work by its shape. Says nothing about its truth. */
export function readPowProof(text: string): PowProof | undefined {
  if (text.length > MAX_POW_CHARS || !/^[\w-]+$/.test(text)) return undefined;
  try {
    return powProof.safeParse(JSON.parse(decodeText(text))).data;
  } catch {
    return undefined;
  }
}

function decodeText(base64Url: string): string {
  const bytes = Uint8Array.from(atob(base64Url.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
  return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
}
