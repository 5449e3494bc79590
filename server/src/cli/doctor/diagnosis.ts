/** What the doctor finds: one sentence an item, saying what to change where something is wrong. No secret and no number stands in it. */
export interface Diagnosis {
  /** What it is about: `settings`, `store`, `account main`. */
  area: string;
  /** `note`: nothing that stands in the way, or something that only a person can look at. */
  level: 'ok' | 'note' | 'problem';
  /** Stable, lower-case. */
  code: string;
  message: string;
}

/** Makes the items of one area. */
export function diagnoses(area: string) {
  const at =
    (level: Diagnosis['level']) =>
    (code: string, message: string): Diagnosis => ({ area, level, code, message });
  return { ok: at('ok'), note: at('note'), problem: at('problem') };
}

/** What a port has found, told by the doctor: what could not be looked at is no success. */
export function fromFindings(area: string, findings: readonly { ok: boolean; code: string; message: string }[]): Diagnosis[] {
  return findings.map(({ ok, code, message }) => ({
    area,
    level: !ok ? 'problem' : code.endsWith('_unchecked') ? 'note' : 'ok',
    code,
    message,
  }));
}
