/** Only the demo's own page may pick up its telephones: a page elsewhere that knows this address must not. */

/**
 * True where the browser says so (`Sec-Fetch-Site`), or, where it does not send that header, the `Origin` names the host that
 * was asked. A request with neither is no page of ours.
 */
export function isSameOrigin(headers: Headers): boolean {
  const fetchSite = headers.get('Sec-Fetch-Site');
  if (fetchSite !== null) return fetchSite === 'same-origin';
  const origin = headers.get('Origin');
  const host = headers.get('Host');
  return origin !== null && host !== null && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
