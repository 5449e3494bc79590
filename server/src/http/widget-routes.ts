/** The script tag's script: a short-lived address for pages, an immutable one for `integrity=`, and the language files. */
import { Hono } from 'hono';
import { contentHash } from './content-hash.ts';
import type { RelayEnv, WidgetFiles } from './relay-env.ts';

const SHORT = 'public, max-age=300, stale-while-revalidate=86400';
const FOREVER = 'public, max-age=31536000, immutable';

export function widgetRoutes(widget: WidgetFiles): Hono<RelayEnv> {
  const hash = contentHash(widget.script);
  const languages = new Map([...widget.languages].map(([tag, text]) => [`${tag}.json`, { text, hash: contentHash(text) }]));

  return new Hono<RelayEnv>()
    .get('/callback.js', (c) => fileResponse(c.req.raw, widget.script, hash, 'text/javascript; charset=utf-8', SHORT))
    .get('/callback/:file', (c) => {
      const file = c.req.param('file');
      if (file === `${widget.version}.${hash}.js`) {
        return fileResponse(c.req.raw, widget.script, hash, 'text/javascript; charset=utf-8', FOREVER);
      }
      const language = languages.get(file);
      if (language === undefined) return c.notFound();
      return fileResponse(c.req.raw, language.text, language.hash, 'application/json; charset=utf-8', SHORT);
    });
}

/** The script is the same for everybody and holds nothing of anybody: every page may load it. */
function fileResponse(request: Request, text: string, hash: string, type: string, caching: string): Response {
  const headers = {
    'Content-Type': type,
    'Cache-Control': caching,
    ETag: `"${hash}"`,
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
  };
  const known = request.headers.get('if-none-match')?.includes(`"${hash}"`) === true;
  return known ? new Response(null, { status: 304, headers }) : new Response(text, { headers });
}
