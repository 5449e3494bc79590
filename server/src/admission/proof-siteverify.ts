/**
 * A hosted check: the page brings a token of the vendor's script, and the vendor says what it is worth. One question, two
 * seconds, no redirect, no second try. Whatever is not a clear yes or no is `unknown`, and the operator is told why.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { type Clock, timeLimit } from '../clock.ts';
import type { Secret } from '../config/secret.ts';
import { MAX_PROOF_CHARS } from '../contract/calls.ts';
import type { Log } from '../log.ts';
import type { ProofCheck, Prover } from './proof.ts';
import { SITEVERIFY_ACTION, SITEVERIFY_VENDORS, type SiteverifyVendorName, type VendorVerdict } from './proof-vendors.ts';

export interface SiteverifyProverOptions {
  vendor: SiteverifyVendorName;
  /** Public: the page's script runs with it. */
  siteKey: string;
  secret: Secret;
  /** Of the pages whose tokens count, without port: the relay's own. Empty: those that the vendor's own settings allow. */
  hostnames: readonly string[];
  fetch: typeof fetch;
  clock: Clock;
  log: Log;
  /** Where to ask; the vendor's own address when absent. */
  address?: string | undefined;
}

/** A visitor waits for this. */
const ANSWER_WITHIN_MS = 2_000;
const MAX_ANSWER_BYTES = 16_384;
const FAILED: ProofCheck = { kind: 'failed' };

export function siteverifyProver(options: SiteverifyProverOptions): Prover {
  const { vendor, siteKey, secret, hostnames, clock, log } = options;
  const { tokenLifeMs, fields, judge } = SITEVERIFY_VENDORS[vendor];

  /** A vendor knows a token once. Of copies of a request that come at the same time the later ones wait for the first one's answer. */
  const underWay = new Map<string, Promise<VendorVerdict>>();

  function askOnce(token: string, address: string | undefined, digest: string): Promise<VendorVerdict> {
    const known = underWay.get(digest);
    if (known !== undefined) return known;
    const verdict = ask(token, address, toUuid(digest)).finally(() => underWay.delete(digest));
    underWay.set(digest, verdict);
    return verdict;
  }

  async function ask(token: string, address: string | undefined, repeatKey: string): Promise<VendorVerdict> {
    const answer = await post(fields({ token, secret: secret.reveal(), siteKey, address, repeatKey }), options);
    if (answer === undefined) return { kind: 'no_verdict', fault: 'vendor_down' };
    return judge(answer);
  }

  function isFromOurPage({ hostname, action, data }: Extract<VendorVerdict, { kind: 'good' }>, site: string): boolean {
    if (action !== undefined && action !== SITEVERIFY_ACTION) return false;
    if (data !== undefined && data !== site) return false;
    return hostname === undefined || hostnames.length === 0 || hostnames.includes(withoutPort(hostname));
  }

  return {
    name: 'siteverify',
    goodForMs: tokenLifeMs,
    challenge: async () => ({ kind: 'siteverify', vendor, siteKey }),

    async check(token, { site, address }) {
      if (token.length > MAX_PROOF_CHARS || !/^[!-~]+$/.test(token)) return FAILED;
      const digest = bytesToHex(sha256(utf8ToBytes(`${vendor}\0${token}`)));
      const verdict = await askOnce(token, address, digest);
      switch (verdict.kind) {
        case 'good':
          // The vendor spends a token when it is shown; the store spends it again with the call, for vendors that are asked twice.
          // Such a check knows no grades, so it stands for the hardest.
          return isFromOurPage(verdict, site) ? { kind: 'proved', nonce: digest, expiresAt: clock.now() + tokenLifeMs, level: 3 } : FAILED;
        case 'bad':
          return FAILED;
        case 'no_verdict':
          log({ level: 'error', event: 'proof.no_verdict', message: FAULTS[verdict.fault], site, vendor, fault: verdict.fault });
          return { kind: 'unknown' };
        default:
          return verdict satisfies never;
      }
    },
  };
}

const FAULTS = {
  vendor_down: 'The hosted check could not be asked; until it answers again, proofs of this site are not judged.',
  unreadable: 'The hosted check answered something that it does not document; see whether it has changed.',
  secret_refused: 'The hosted check does not know the secret; set the secret that belongs to the site key.',
} as const;

/** The vendor's answer if it is an object in JSON; undefined for anything else. What broke is dropped: it could hold the secret. */
async function post(
  fields: Readonly<Record<string, string | undefined>>,
  { vendor, fetch, clock, address = SITEVERIFY_VENDORS[vendor].address }: SiteverifyProverOptions,
): Promise<Record<string, unknown> | undefined> {
  const body = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) body.set(name, value);
  const limit = timeLimit(clock, ANSWER_WITHIN_MS);
  try {
    const request = fetch(address, { method: 'POST', redirect: 'manual', body, signal: limit.signal });
    const response = await before(limit.signal, request);
    const answer = response.status === 200 || isComplaint(response) ? await readObject(response.body, limit.signal) : undefined;
    // Only a plain 200 may say yes; a 4xx explains what was wrong with the question.
    return response.status !== 200 && (answer?.success === true || answer?.status === 'ok') ? undefined : answer;
  } catch {
    return undefined;
  } finally {
    limit.cancel();
  }
}

const isComplaint = ({ status }: Response): boolean => status >= 400 && status < 500 && status !== 429;

async function readObject(body: ReadableStream<Uint8Array> | null, signal: AbortSignal): Promise<Record<string, unknown> | undefined> {
  const reader = body?.getReader();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let text = '';
  let length = 0;
  try {
    while (reader !== undefined) {
      const { done, value } = await before(signal, reader.read());
      if (done) break;
      length += value.byteLength;
      if (length > MAX_ANSWER_BYTES) return undefined;
      text += decoder.decode(value, { stream: true });
    }
    const answer: unknown = JSON.parse(text + decoder.decode());
    return typeof answer === 'object' && answer !== null && !Array.isArray(answer) ? { ...answer } : undefined;
  } finally {
    // Not awaited: a body that does not end may not end its cancelling either.
    reader?.cancel().catch(() => {});
  }
}

/** Not every `fetch` heeds its signal at every stage, so the wait itself ends with it. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    work.then(resolve, reject);
  });
}

/** Vendors write a port where a page has one, and may write letters that a browser sends as punycode. */
function withoutPort(host: string): string {
  const address = `https://${host}`;
  return URL.canParse(address) ? new URL(address).hostname : '';
}

/** A hash in the form of a random UUID (RFC 9562 §5.4), which is what vendors ask such a key to be. */
function toUuid(digest: string): string {
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-4$3-8$4-$5');
}
