/** Which languages there are. Only the launcher's label of each is in the script; the rest comes when it is needed. */
export const LABELS: Readonly<Record<string, string>> = {
  en: 'Call me back',
  ru: 'Перезвоните мне',
};

/** The first of the wished-for BCP 47 tags whose language we speak, with its region kept for dates and names; English otherwise. */
export function pickLocale(wishes: readonly (string | null | undefined)[]): string {
  return wishes.find((tag) => tag && isLocale(tag) && Object.hasOwn(LABELS, languageOf(tag))) ?? 'en';
}

export function languageOf(tag: string): string {
  return tag.slice(0, 2).toLowerCase();
}

/** `Intl` throws at a malformed tag, and pages do write `lang="en_US"`; three-letter languages are none of ours. */
function isLocale(tag: string): boolean {
  return /^[a-z]{2}(-[a-z\d]{2,8})*$/i.test(tag);
}
