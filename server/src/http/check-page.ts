/**
 * The page in which a hosted check runs. The widget opens it in a hidden frame, so that no vendor's script ever runs in a customer's
 * page. It tells its outcome to the page around it, at that page's exact origin and nowhere else: `{ proof: token }`, empty if there
 * is none.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { html, raw } from 'hono/html';
import type { SiteverifyVendorName } from '../admission/proof-vendors.ts';
import { CHECK_VENDORS, type CheckVendor } from './check-vendors.ts';

export interface CheckFrame {
  vendor: SiteverifyVendorName;
  siteKey: string;
  site: string;
  /** Of the page around it; known to be one of the site's. */
  origin: string;
}

/** What is particular to one request stands in attributes, so that the script is always the same and the policy can name its hash. */
export function drawCheckPage({ vendor, siteKey, site, origin }: CheckFrame): string {
  return String(html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="robots" content="noindex"><title>Check</title></head>
<body data-site-key="${siteKey}" data-site="${site}" data-origin="${origin}"><div id="check"></div>
<script>${raw(SCRIPTS[vendor])}</script></body>
</html>
`);
}

/** `ancestors`: origins whose pages may show it. They are from the configuration, where nothing but an origin passes. */
export function checkPolicy(vendor: SiteverifyVendorName, ancestors: readonly string[]): string {
  const ownScript = `'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(SCRIPTS[vendor]))))}'`;
  return [
    "default-src 'none'",
    ...CHECK_VENDORS[vendor].allows.map((directive) => directive.replace(/^script-src/, `script-src ${ownScript}`)),
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.join(' ') || "'none'"}`,
  ].join('; ');
}

const SCRIPTS: Readonly<Record<SiteverifyVendorName, string>> = {
  turnstile: checkScript(CHECK_VENDORS.turnstile),
  hcaptcha: checkScript(CHECK_VENDORS.hcaptcha),
  smartcaptcha: checkScript(CHECK_VENDORS.smartcaptcha),
};

function checkScript({ script, begin }: CheckVendor): string {
  return `
const { siteKey, site, origin } = document.body.dataset;
const tell = (proof) => parent.postMessage({ proof }, origin);
const fail = () => { tell(''); return true; };
window.begin = () => { try {
  ${begin}
} catch { fail(); } };
const tag = document.createElement('script');
tag.src = '${script}';
tag.onerror = fail;
document.head.append(tag);
`;
}
