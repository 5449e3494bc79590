/** What every page of the form has around it: document, style, and the headers that keep everything else out. */
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Context } from 'hono';
import { html, raw } from 'hono/html';
import { FORM_STYLE } from './form-style.ts';
import type { FormLanguage } from './form-texts.ts';
import type { RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';

/** Text and attributes put into it are escaped. */
export type Markup = ReturnType<typeof html>;

export interface FormFrame {
  language: FormLanguage;
  title: string;
  /** What the company calls itself. */
  company: string | undefined;
  content: Markup;
  /** The browser asks again after this many seconds. */
  refreshAfterS?: number | undefined;
}

export interface FrameOptions {
  status: number;
  retryAfterS?: number | undefined;
  /** `same-origin` where a form is sent from: under `no-referrer` browsers name the origin of a POST `null`. */
  referrer: 'same-origin' | 'no-referrer';
}

export async function respondPage(
  c: Context<RelayEnv>,
  frame: FormFrame,
  { status, retryAfterS, referrer }: FrameOptions,
): Promise<Response> {
  return respond(c, status, String(await drawFrame(frame)), {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Language': frame.language,
    'Content-Security-Policy': POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': referrer,
    'Cache-Control': 'no-store',
    ...(retryAfterS !== undefined && { 'Retry-After': String(retryAfterS) }),
  });
}

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${btoa(String.fromCharCode(...sha256(utf8ToBytes(FORM_STYLE))))}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

function drawFrame({ language, title, company, content, refreshAfterS }: FormFrame): Markup {
  const windowTitle = company === undefined ? title : `${title} · ${company}`;
  return html`<!doctype html>
<html lang="${language}" dir="ltr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
${refreshAfterS === undefined ? '' : html`<meta http-equiv="refresh" content="${refreshAfterS}">`}
<title>${windowTitle}</title>
<style>${raw(FORM_STYLE)}</style>
</head>
<body>
<main>
${company === undefined ? '' : html`<p class="company"><bdi>${company}</bdi></p>`}
${content}
</main>
</body>
</html>
`;
}
