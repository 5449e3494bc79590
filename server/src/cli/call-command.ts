/** `ringback call`: one real call to try the set-up with, by the same rules and promises as a visitor's. It asks before it rings. */
import type { Command } from 'commander';
import type { Config, SiteConfig } from '../config/config.ts';
import type { Log } from '../log.ts';
import { type CallByHand, callByHand } from '../platforms/call-by-hand.ts';
import type { Delivery } from '../platforms/deliver-order.ts';
import type { CallNews } from '../platforms/relay-desk.ts';
import { isEndState } from '../store/call.ts';
import { describeNews, describeRefusal, exitCodeOf } from './call-words.ts';
import { confirm } from './confirm.ts';
import { maskNumber, readNumber } from './read-number.ts';
import { requireSettings } from './read-settings.ts';
import { paint, printJson } from './terminal.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  site?: string;
  yes?: true;
  wait: string;
  json?: true;
}

const DEFAULT_WAIT_S = 180;
const MAX_WAIT_S = 3_600;

export function addCallCommand(program: Command): void {
  program
    .command('call')
    .description('Ring your line, then a number: a test call. Asks first.')
    .argument('<number>', 'in international form: +4930123456')
    .option('--site <key>', 'which site calls; not needed where there is one')
    .option('--yes', 'do not ask')
    .option('--wait <seconds>', 'for how long to tell what becomes of it', String(DEFAULT_WAIT_S))
    .option('--json', 'print what became of it as JSON, at the end')
    .addHelpText(
      'after',
      '\nExit code: 0 both spoke, 1 they did not, 2 misused, 3 not known or not over.\nExample: ringback call +4915123456789 --site shop',
    )
    .action(call);
}

async function call(text: string, options: Options): Promise<void> {
  const number = readNumber(text);
  const waitMs = readWait(options.wait) * 1000;
  const config = requireSettings('The settings of the relay cannot be read');
  const site = chooseSite(config, options.site);
  const question = `This rings the line ${site.line} of ${site.provider}, then ${maskNumber(number)}.`;
  if (!options.yes && !(await confirm(question, 'ring'))) {
    process.stderr.write('Nobody was rung.\n');
    process.exitCode = 1;
    return;
  }
  const hand = await callByHand(config, tellTrouble, stopAtOnce);
  try {
    if (hand.alone)
      process.stderr.write('No relay runs here, so this command is one until the call is over. It hears no events of the provider.\n');
    await carryThrough(hand, { site: site.key, number, waitMs, json: options.json === true });
  } finally {
    await hand.close();
  }
}

interface Wanted {
  site: string;
  number: string;
  waitMs: number;
  json: boolean;
}

async function carryThrough(hand: CallByHand, { site, number, waitMs, json }: Wanted): Promise<void> {
  const giveUp = giveUpOnInterrupt();
  const { delivery, answer } = await hand.place(site, number);
  if (answer?.kind === 'accepted') return follow(hand, { id: answer.id, waitMs, json, giveUp });
  process.exitCode = 1;
  if (answer?.kind === 'refused' && json) printJson({ state: 'not_accepted', code: answer.code });
  process.stderr.write(`${answer?.kind === 'refused' ? describeRefusal(answer) : SILENCE[delivery]}\n`);
}

/** Without an answer, or with one that came too late. */
const SILENCE: Readonly<Record<Delivery, string>> = {
  done: 'The relay came to it too late. Nobody was rung.',
  waiting: 'A process holds the database and has not answered. Look into the log of the relay before you try again.',
  rejected: 'The running relay has another secret. Give the command with the settings of the relay (RINGBACK_SECRET).',
};

interface Followed {
  id: string;
  waitMs: number;
  json: boolean;
  giveUp: { readonly aborted: boolean };
}

async function follow(hand: CallByHand, { id, waitMs, json, giveUp }: Followed): Promise<void> {
  const until = Date.now() + waitMs;
  let last: CallNews | undefined;
  let said = '';
  while (last === undefined || !isEndState(last.state)) {
    const news = await hand.view(id);
    if (news === null || news === undefined) break;
    last = news;
    const words = describeNews(news);
    if (!json && words !== said) process.stdout.write(`${paint.dim(new Date().toTimeString().slice(0, 8))}  ${words}\n`);
    said = words;
    if (isEndState(news.state)) break;
    if (giveUp.aborted || Date.now() > until) {
      last = await leave(hand, id, last);
      if (!json)
        process.stdout.write(isEndState(last.state) ? `${describeNews(last)}\n` : 'It goes on; what becomes of it is not waited for.\n');
      break;
    }
  }
  process.exitCode = last === undefined ? 3 : exitCodeOf(last.state);
  if (last?.fault !== undefined && !hand.alone) process.stderr.write(`The log of the relay says what to do about ${last.fault}.\n`);
  if (last === undefined) process.stderr.write('The relay has stopped answering. Its log tells what became of the call.\n');
  if (json) printJson({ id, state: last?.state, step: last?.step, fault: last?.fault, provider: last?.provider, talkedMs: last?.talkedMs });
}

const LEAVE_TRIES = 5;

/** Takes the call back if nobody has been rung yet: one that is just being asked for may wait again in a moment. */
async function leave(hand: CallByHand, id: string, last: CallNews): Promise<CallNews> {
  let news = last;
  for (let tries = 0; tries < LEAVE_TRIES; tries += 1) {
    const taken = await hand.cancel(id);
    if (taken !== null && taken !== undefined) return taken;
    news = (await hand.view(id)) ?? news;
    if (!['scheduled', 'accepted', 'dialing'].includes(news.state)) return news;
  }
  return news;
}

/** The first Ctrl-C takes the call back if nobody has been rung yet; the second ends the command as usual. */
function giveUpOnInterrupt(): { readonly aborted: boolean } {
  const controller = new AbortController();
  process.once('SIGINT', () => controller.abort());
  return controller.signal;
}

function chooseSite(config: Config, wanted: string | undefined): SiteConfig {
  if (config.demo)
    throw new Error('No provider is set, so there is nobody to ring. How to connect one: docs/providers/bitrix24-webhook.md.');
  const keys = [...config.sites.keys()];
  const [only, ...others] = config.sites.values();
  if (wanted === undefined && only !== undefined && others.length === 0) return only;
  if (wanted === undefined) throw new UsageError(`There are several sites. Name one with --site: ${keys.join(', ')}.`);
  const site = config.sites.get(wanted);
  if (site === undefined) throw new Error(`There is no such site. There are: ${keys.join(', ')}.`);
  return site;
}

function readWait(text: string): number {
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (seconds < 1 || seconds > MAX_WAIT_S) throw new UsageError(`Give --wait a whole number of seconds from 1 to ${MAX_WAIT_S}.`);
  return seconds;
}

/** Of a relay that runs for this call alone: what it would have logged as wrong. */
const tellTrouble: Log = ({ level, event, message }) => {
  if (level !== 'info') process.stderr.write(`${message ?? event}\n`);
};

function stopAtOnce(error: Error): void {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
