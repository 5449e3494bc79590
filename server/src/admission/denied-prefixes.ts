/**
 * Prefixes that are never called, whatever the metadata says of their type: they are typed like ordinary mobile or fixed lines
 * but are paid like satellite or premium calls, or belong to nobody a website could serve. Longest prefix of the E.164 digits.
 */
export const DENIED_PREFIXES_VERSION = '2026-11-20';

export const DENIED_PREFIXES: readonly { prefix: string; why: string }[] = [
  { prefix: '7840', why: 'Abkhazia, fixed lines; typed RU' },
  { prefix: '7940', why: 'Abkhazia, mobile; typed RU' },
  { prefix: '7954', why: 'satellite and machine numbers; typed RU mobile' },
  { prefix: '7970', why: 'satellite and machine numbers; typed RU mobile' },
  { prefix: '7971', why: 'satellite and machine numbers; typed RU mobile' },
  { prefix: '870', why: 'Inmarsat; typed mobile' },
  { prefix: '875', why: 'maritime mobile, reserved' },
  { prefix: '876', why: 'maritime mobile, reserved' },
  { prefix: '877', why: 'maritime mobile, reserved' },
  { prefix: '878', why: 'universal personal numbers' },
  { prefix: '881', why: 'global mobile satellite (Iridium, Globalstar, Thuraya)' },
  { prefix: '882', why: 'international networks' },
  { prefix: '883', why: 'international networks' },
  { prefix: '888', why: 'disaster relief' },
  { prefix: '979', why: 'international premium rate' },
  { prefix: '991', why: 'international trial service' },
  { prefix: '800', why: 'international freephone' },
  { prefix: '808', why: 'international shared cost' },
  { prefix: '4470', why: 'United Kingdom personal numbers' },
  { prefix: '4476', why: 'United Kingdom pagers' },
];

/** `digits`: E.164 without the plus. */
export function isDeniedPrefix(digits: string): boolean {
  return DENIED_PREFIXES.some(({ prefix }) => digits.startsWith(prefix));
}
