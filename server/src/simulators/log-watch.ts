/**
 * The canary of the whole suite: a log line of any test fails it where it shows a telephone number, a secret that was revealed in
 * this file, or a mark. Entries hold ids, codes and counts, so nothing in their texts but an id may be a long row of digits.
 */
import { afterEach, expect } from 'vitest';
import { Secret } from '../config/secret.ts';
import type { Log, LogEntry } from '../log.ts';
import { findMarks } from './canary-marks.ts';

/** Shorter ones stand in ordinary words. */
const MIN_SECRET_CHARS = 6;
/** Of a number, however it is set apart; no code, count or date of ours is as long. */
const LONG_ROW = /\d{9,}/;
/** Made by us or by the portal, for nothing but to be told apart. */
const IDS = new Set(['callId', 'messageId', 'ref', 'at', 'receipt']);

const revealed = new Set<string>();
const leaks = new Set<string>();

const { reveal } = Secret.prototype;
Secret.prototype.reveal = function (this: Secret): string {
  const value = reveal.call(this);
  if (value.length >= MIN_SECRET_CHARS) revealed.add(value);
  return value;
};

Object.assign(globalThis, {
  watchLog:
    (log: Log): Log =>
    (entry) => {
      if (isLeak(entry)) leaks.add(entry.event);
      log(entry);
    },
});

// By name alone: what they show is not shown again here.
afterEach(() => expect(takeLeaks(), 'log lines that show a number or a secret').toEqual([]));

/** Events of the lines since the last time that showed something. */
export function takeLeaks(): string[] {
  const told = [...leaks];
  leaks.clear();
  return told;
}

export function isLeak(entry: LogEntry): boolean {
  const text = JSON.stringify(entry);
  if ([...revealed].some((secret) => text.includes(secret)) || findMarks(text).length > 0) return true;
  return Object.entries(entry).some(([key, value]) => typeof value === 'string' && !IDS.has(key) && LONG_ROW.test(closeUp(value)));
}

function closeUp(text: string): string {
  return text.replace(/(?<=\d)[ \u00a0().-]{1,3}(?=\d)/g, '');
}
