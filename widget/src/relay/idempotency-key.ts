/** Names one intent of the visitor, so that however often it is sent, it is one call. */

/** A version 4 UUID (RFC 9562 §5.4). `crypto.randomUUID` is missing on plain-http pages; `getRandomValues` is there too. */
export function makeIdempotencyKey(randomBytes: Uint8Array = crypto.getRandomValues(new Uint8Array(16))): string {
  const hex = Array.from(randomBytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = ((randomBytes[8] ?? 0) % 4) + 8;
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})/, `$1-$2-4$3-${variant.toString(16)}$4-`);
}
