export interface MarkSearch {
  /** Names of the marks that show in the text. */
  find(text: string): string[];
  /** The same for a text that comes in pieces. */
  watch(): { take(chunk: string): void; found(): string[] };
}

/** Marks by name. A mark of nothing but digits is found however they are set apart. */
export function searchMarks(marks: Readonly<Record<string, string>>): MarkSearch;
