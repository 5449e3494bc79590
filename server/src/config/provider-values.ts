/** What the settings of accounts, routes and Telphin's options may hold; same manners as site-values.ts. */
import { findLabelFault, findOriginFault, findProviderIdFault } from './site-values.ts';

const MAX_TELPHIN_TEXT = 128;
/** `@{NAME}` and `$cv({NAME})` stand for variables that the operator has set at Telphin. */
const OWN_VARIABLE = /@\{[^{}\s]{1,64}\}|\$cv\([^()\s]{1,66}\)/;

/** Id of a line, or Telphin's own way to name one. */
export function findLineFault(text: string): string | undefined {
  return isLineVariable(text) ? undefined : findProviderIdFault(text);
}

/** `@{NAME}` in place of an extension's id. */
export function isLineVariable(text: string): boolean {
  return /^@\{[A-Za-z0-9_]{1,64}\}$/.test(text);
}

/** Origin of an operator's API; nothing behind it, so that it cannot lead anywhere else. */
export function findApiHostFault(text: string): string | undefined {
  return findOriginFault(text) === undefined
    ? undefined
    : "Must be the address of the operator's API, such as https://apiproxy.telphin.ru, without a path. Plain http is accepted for this machine alone.";
}

export function findAuthServerFault(text: string): string | undefined {
  return findOriginFault(text) === undefined
    ? undefined
    : 'Must be the address of an authorisation server, such as https://oauth.bitrix.info, without a path. Plain http is accepted for this machine alone.';
}

export function findPortalFault(text: string): string | undefined {
  return findOriginFault(text) === undefined
    ? undefined
    : 'Must be the address of the portal, such as https://shop.bitrix24.com, without a path. Plain http is accepted for this machine alone.';
}

export function findAppIdFault(text: string): string | undefined {
  return /^[\w.-]{4,128}$/.test(text)
    ? undefined
    : 'Must be the id as it is shown with the application: one word of letters, digits, dots.';
}

export function findAppSecretFault(text: string): string | undefined {
  return /^[\x21-\x7E]{8,256}$/.test(text)
    ? undefined
    : 'Must be the secret as it is shown with the application: one word, at least 8 characters.';
}

export function findMemberIdFault(text: string): string | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? undefined : 'Must be the member_id of the portal: 32 digits and small letters from a to f.';
}

export function findExternalLineFault(text: string): string | undefined {
  return /^\+?[\w.:-]{1,50}$/.test(text) ? undefined : 'Must be the number of the external line as it stands in the portal.';
}

/** Of a person or a queue: an outside number, or an internal one, which may have a star in it. */
export function findTelphinNumberFault(text: string): string | undefined {
  if (/^\+?[\d*#]{1,32}$/.test(text) || isOwnVariable(text)) return undefined;
  return 'Must be a number that Telphin knows: digits, * and #, with + before a country code; or a variable such as $cv({SALES}).';
}

export function findDtmfFault(text: string): string | undefined {
  if (/^[\d*#Ww]{1,64}$/.test(text) || isOwnVariable(text)) return undefined;
  return 'Must be tones: 0 to 9, * and #, W for a second of silence and w for half a second.';
}

/** Names and values of variables, in which Telphin fills in variables of its own. */
export const findTelphinTextFault = findLabelFault(MAX_TELPHIN_TEXT);

export function findVariableNameFault(text: string): string | undefined {
  return /^[A-Za-z][A-Za-z0-9_]{0,63}$/.test(text)
    ? undefined
    : 'The name of a variable must be 1 to 64 letters, digits or underscores, and begin with a letter.';
}

function isOwnVariable(text: string): boolean {
  return OWN_VARIABLE.test(text) && findTelphinTextFault(text) === undefined;
}
