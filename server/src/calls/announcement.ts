/** What the agent hears first: the operator's words, with the visitor's name only where the operator left a gap for it. */

const GAP = '{name}';

/**
 * `name`: cleaned by admission, or undefined where there is none or it is not to be spoken. Whatever template and name are, the
 * result is one line without markup, bidi controls and the placeholders that a provider would fill in itself (`$cv(…)`, `@{…}`).
 */
export function fillAnnouncement(template: string, name: string | undefined): string {
  if (!template.includes(GAP)) return disarm(template);
  return disarm(name === undefined ? closeGaps(template) : template.replaceAll(GAP, () => name));
}

/** `Client {name}, asks` becomes `Client, asks`; brackets and quotation marks around nothing go with it. */
function closeGaps(template: string): string {
  return template
    .replace(/[([«„“"]?\{name\}[)\]»“”"]?/g, (gap) => {
      const around = gap.replace(GAP, '');
      return PAIRS.includes(around) ? '' : around;
    })
    .replace(/ {2,}/g, ' ')
    .replace(/ +(?=[,.;:!?])/g, '')
    .replace(/[,;:]+(?=[,.;:!?])/g, '')
    .replace(/^[\s,.;:!?–—-]+/, '')
    .trim();
}

const PAIRS = ['()', '[]', '«»', '„“', '“”', '""'];

/** Characters go before sequences, so that nothing can be put together out of what is left. */
function disarm(text: string): string {
  return text
    .replace(/[\p{Cf}\p{Cs}\p{Co}<>{}]/gu, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/\$+(?=cv\()/gi, '')
    .trim();
}
