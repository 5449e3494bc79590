/** An ordinary page of a shop with the one tag on it. */
import type { SitePage } from '../support/page-server.ts';

/** Names without `data-`; the words of the page go around the tag. */
export type TagAttributes = Readonly<Record<string, string>>;

export interface ShopPageParts {
  /** Where the script is loaded from. */
  relayUrl: string;
  attributes?: TagAttributes | undefined;
  /** Of the `<html>` element. */
  lang?: string | undefined;
  dir?: 'ltr' | 'rtl' | undefined;
  head?: string | undefined;
  /** Before the tag. */
  body?: string | undefined;
}

export function shopPage({ relayUrl, attributes, lang = 'en', dir = 'ltr', head = '', body = '' }: ShopPageParts): SitePage {
  return {
    html: `<!doctype html>
<html lang="${lang}" dir="${dir}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Oak &amp; Ash</title>${head}</head>
<body>
<h1>Furniture that outlives its fashion</h1>
<p>Oak, ash and linen, made to order in eleven days.</p>
${body}
${scriptTag(relayUrl, attributes)}
</body>
</html>`,
  };
}

/** `plain`: attributes that are not the widget's, such as `nonce`. */
export function scriptTag(relayUrl: string, attributes: TagAttributes = {}, plain: TagAttributes = {}): string {
  const data = Object.entries(attributes).map(([name, value]) => [`data-${name}`, value] as const);
  const written = [...Object.entries(plain), ...data].map(([name, value]) => ` ${name}="${value}"`).join('');
  return `<script src="${relayUrl}/callback.js"${written} async></script>`;
}
