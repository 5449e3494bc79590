/**
 * Prefixes that are never called, whatever the metadata says of their type: they are typed like ordinary mobile or fixed lines
 * but are paid like satellite or premium calls, or belong to nobody a website could serve. E.164 digits without the plus.
 */
export const DENIED_PREFIXES_VERSION = '2026-11-20.2';

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
  { prefix: '881', why: 'global mobile satellite (Iridium, Globalstar)' },
  { prefix: '882', why: 'international networks (Thuraya, Emsat, onboard mobile)' },
  { prefix: '883', why: 'international networks' },
  { prefix: '888', why: 'disaster relief' },
  { prefix: '979', why: 'international premium rate' },
  { prefix: '991', why: 'international trial service' },
  { prefix: '800', why: 'international freephone' },
  { prefix: '808', why: 'international shared cost' },
  { prefix: '61147', why: 'Australian satellite services' },
  { prefix: '62868', why: 'Indonesian satellite service; typed mobile' },
  { prefix: '4470', why: 'United Kingdom personal numbers' },
  { prefix: '4476', why: 'United Kingdom pagers' },
  { prefix: '31970', why: 'Dutch numbers of machines; typed mobile' },
  { prefix: '1600', why: 'Canadian satellite and data services' },
  { prefix: '1700', why: 'carrier services in North America, priced by nobody in particular' },
  { prefix: '1710', why: 'government of the United States' },
  // Islands with fewer telephones than a small town: nearly all calls to them from abroad are made for the termination fee.
  { prefix: '246', why: 'Diego Garcia' },
  { prefix: '247', why: 'Ascension Island' },
  { prefix: '290', why: 'Saint Helena and Tristan da Cunha' },
  { prefix: '6721', why: 'Australian Antarctic bases' },
  { prefix: '674', why: 'Nauru' },
  { prefix: '683', why: 'Niue' },
  { prefix: '688', why: 'Tuvalu' },
  { prefix: '690', why: 'Tokelau' },
];

/** Whether some prefix of E.164 digits is denied. `further` are the operator's own. Takes as long for a hit as for a miss. */
export function deniedPrefixes(further: readonly string[] = []): (digits: string) => boolean {
  const denied = new Set([...DENIED_PREFIXES.map(({ prefix }) => prefix), ...further]);
  const longest = Math.max(...[...denied].map((prefix) => prefix.length));
  return (digits) => {
    let hits = 0;
    for (let length = 1; length <= longest; length++) if (denied.has(digits.slice(0, length))) hits++;
    return hits > 0;
  };
}
