/** The relay's address as far as the script's own address tells it; empty if it tells none. */
export function relayBase(scriptSrc: string): string {
  if (!/^https?:\/\//.test(scriptSrc)) return '';
  const { origin, pathname } = new URL(scriptSrc);
  // Both addresses of the script, `/callback.js` and `/callback/{version}.{hash}.js`, perhaps below a path.
  const relayPath = /^(.*)\/callback(?:\.js|\/[^/]+\.js)$/.exec(pathname)?.[1];
  return origin + (relayPath ?? '');
}
