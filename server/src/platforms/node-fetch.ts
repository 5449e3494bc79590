/**
 * How Node reaches providers. `Connection: close` keeps every request off kept-alive connections: an idle one may already be
 * dead, and a dial that dies on it could not be told from one that was carried out.
 */
export const freshFetch: typeof fetch = (input, init) => {
  const headers = new Headers(init?.headers);
  headers.set('connection', 'close');
  return fetch(input, { ...init, headers });
};
