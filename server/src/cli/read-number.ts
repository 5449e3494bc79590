/** A telephone number as it is given to a command. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max';
import { UsageError } from './usage-error.ts';

/** Not by the parser of the command line, which repeats what it refuses. */
export function readNumber(text: string): string {
  const number = /^\+[1-9]\d{3,14}$/.test(text) ? parsePhoneNumberFromString(text)?.number : undefined;
  if (number !== text) throw new UsageError('Give the number in international form without spaces, such as +4930123456.');
  return text;
}

/** Enough to know one's own number by, and no more: `+49…78`. */
export function maskNumber(number: string): string {
  const code = parsePhoneNumberFromString(number)?.countryCallingCode ?? '';
  return `+${code}…${number.slice(-2)}`;
}
