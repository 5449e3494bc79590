/** Asks every provider account whether it would ring what the sites name: each line, voice and sound of each site, department and fallback. */
import { isSameLine } from '../../calls/bridge.ts';
import { allRoutesOf } from '../../calls/routes.ts';
import type { Config, TelphinOptions } from '../../config/config.ts';
import type { AskableAccount } from '../../platforms/account-desk.ts';
import { listLines } from '../../providers/bitrix24/bitrix24-line.ts';
import type { Answer } from '../../providers/provider.ts';
import { type Diagnosis, diagnoses, fromFindings } from './diagnosis.ts';

/** What the sites want of one account. */
export interface Wants {
  /** By what makes them different: each line with what is set for it. */
  lines: Map<string, { line: string; telphin: TelphinOptions }>;
  voices: Set<string>;
  sounds: Set<string>;
  /** Of a bridge, as the portal calls them. */
  externalLines: Set<string>;
}

export async function lookAtAccount(name: string, account: AskableAccount, wants: Wants): Promise<Diagnosis[]> {
  const area = `account ${name}`;
  const found: Diagnosis[] = [];
  for (const { line, telphin } of wants.lines.values()) found.push(...fromFindings(area, await account.provider.verify(line, telphin)));
  if (wants.lines.size === 0) found.push(diagnoses(area).note('account_unused', 'No site calls by this account.'));
  found.push(...(await lookFor(area, 'voice', wants.voices, () => account.provider.voices())));
  const { sounds, bitrix24 } = account;
  if (sounds !== undefined) found.push(...(await lookFor(area, 'sound', wants.sounds, sounds)));
  if (bitrix24 !== undefined) {
    found.push(...(await lookFor(area, 'external line', wants.externalLines, async () => idsOf(await listLines(bitrix24)))));
  }
  return withoutRepeats(found);
}

function idsOf(lines: Answer<{ number: string; name: string }[]>): Answer<{ id: string; name: string }[]> {
  return lines.ok ? { ok: true, value: lines.value.map(({ number, name }) => ({ id: number, name })) } : lines;
}

async function lookFor(
  area: string,
  noun: 'voice' | 'sound' | 'external line',
  wanted: ReadonlySet<string>,
  ask: () => Promise<Answer<{ id: string }[]>>,
): Promise<Diagnosis[]> {
  if (wanted.size === 0) return [];
  const { ok, problem } = diagnoses(area);
  const answer = await ask();
  if (!answer.ok) return [problem(answer.fault.code, answer.fault.message)];
  const code = noun.replace(' ', '_');
  return [...wanted].map((id) =>
    answer.value.some((known) => known.id === id || (noun === 'external line' && isSameLine(id, known.id)))
      ? ok(`${code}_found`, `The ${noun} ${id} exists.`)
      : problem(`${code}_unknown`, `There is no ${noun} ${id}. See what there is: ${COMMANDS[noun]}.`),
  );
}

const COMMANDS = { voice: 'ringback voices', sound: 'ringback sounds', 'external line': 'ringback bitrix24 line list' } as const;

/** What holds for the account is found again with each of its lines. */
function withoutRepeats(found: readonly Diagnosis[]): Diagnosis[] {
  return [...new Map(found.map((one) => [`${one.code} ${one.message}`, one])).values()];
}

export function collectWants({ providers, sites }: Pick<Config, 'providers' | 'sites'>): Map<string, Wants> {
  const all = new Map<string, Wants>();
  for (const name of providers.keys()) all.set(name, { lines: new Map(), voices: new Set(), sounds: new Set(), externalLines: new Set() });
  for (const site of sites.values()) {
    for (const { provider, line, voice, telphin } of allRoutesOf(site)) {
      const wants = all.get(provider);
      wants?.lines.set(JSON.stringify([line, telphin.srcNum]), { line, telphin });
      if (providers.get(provider)?.type === 'telphin') for (const sound of soundsOf(telphin)) wants?.sounds.add(sound);
      // Telphin speaks no text, so a voice is for the other ways of the site.
      else if (voice !== undefined) wants?.voices.add(voice);
    }
    const { bridge } = site;
    if (bridge?.externalLine !== undefined) all.get(bridge.portal)?.externalLines.add(bridge.externalLine);
  }
  return all;
}

function soundsOf({ announceSoundId, dstAnnounceSoundId }: TelphinOptions): string[] {
  return [announceSoundId, dstAnnounceSoundId].flatMap((id) => id ?? []).map(String);
}
