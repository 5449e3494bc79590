/** A page that allows nothing but the tag and the relay: content security policy and Trusted Types as tight as they go. */
import type { SitePage } from '../support/page-server.ts';

const NONCE = 'r4nd0m';

/** `script`: the tag, with the nonce in place of `{nonce}`. `more`: further directives. */
export function strictPage(relayUrl: string, script: string, body = '', more: readonly string[] = []): SitePage {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${NONCE}'`,
    "style-src 'none'",
    `connect-src ${relayUrl}`,
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    ...more,
  ].join('; ');
  return {
    headers: { 'Content-Security-Policy': policy },
    html: `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Strict</title></head>
<body><h1>Strict</h1>${body}${script.replace('{nonce}', NONCE)}</body>
</html>`,
  };
}
