/** Names one intent of the visitor, so that however often it is sent, it is one call. */

/** A version 4 UUID. `randomUUID` is missing on plain-http pages; `getRandomValues` is there too. */
export function makeIdempotencyKey(source: Pick<Crypto, 'getRandomValues'> & Partial<Pick<Crypto, 'randomUUID'>> = crypto): string {
  if (source.randomUUID) return source.randomUUID();
  const bytes = source.getRandomValues(new Uint8Array(16));
  // RFC 9562 §5.4: version in the high nibble of octet 6, variant in the high bits of octet 8.
  const hex = Array.from(bytes, (byte, index) => {
    const octet = index === 6 ? (byte & 15) | 64 : index === 8 ? (byte & 63) | 128 : byte;
    return octet.toString(16).padStart(2, '0');
  }).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
