/** `/form/{site}`: the form as a page, for browsers without JavaScript and as a plain link. Same checks as `/v1/calls`. */
import { type Context, Hono } from 'hono';
import { type SiteTimes, siteTimes, type TimesOf } from '../admission/site-times.ts';
import { takeBack } from '../calls/take-back.ts';
import { viewCall } from '../calls/view-call.ts';
import type { SiteConfig } from '../config/config.ts';
import { MAX_BODY_BYTES } from '../contract/calls.ts';
import { PROBLEMS } from '../contract/problems.ts';
import type { Call } from '../store/call.ts';
import { formCallPage } from './form-call-page.ts';
import { respondPage } from './form-frame.ts';
import { guardFormBody, guardSameOrigin } from './form-guards.ts';
import { pickFormLanguage } from './form-language.ts';
import { formPage } from './form-page.ts';
import { drawMessage, fillNotice, type Notice, type NoticeKey } from './form-parts.ts';
import { explainProblem, USUAL_WAIT_S } from './form-problems.ts';
import { emptyFields, readSentForm } from './form-request.ts';
import { submitForm } from './form-submission.ts';
import { FORM_TEXTS, type FormLanguage, formatDuration } from './form-texts.ts';
import { issueFormToken } from './form-token.ts';
import { behind, guardShield } from './guards.ts';
import { RequestProblem } from './problem-response.ts';
import { readText } from './read-body.ts';
import type { RelayContext, RelayEnv } from './relay-env.ts';
import { respond } from './respond.ts';
import { isStatusToken, statusTokenOf } from './status-token.ts';

export function formRoutes(relay: RelayContext, timesOf: TimesOf = siteTimes(relay)): Hono<RelayEnv> {
  const shieldGuard = guardShield(relay);
  return new Hono<RelayEnv>()
    .get('/:site', async (c) => {
      const site = findSite(c, relay);
      guardOpenForm(site, relay);
      const language = languageOf(c, site);
      const token = issueFormToken(site.key, relay.clock.now(), relay.vault);
      const fields = { ...emptyFields(site), department: findDepartment(c.req.query('department'), site) };
      const times = await timesOf(site, site.departments.get(fields.department));
      guardOfferedTime(site, times);
      const frame = formPage({ site, times, language, token, fields, faults: {}, notice: undefined });
      return respondPage(c, frame, { status: 200, referrer: 'same-origin' });
    })
    .post(
      '/:site',
      behind([guardSameOrigin(), guardFormBody, shieldGuard], async (c) => {
        const site = findSite(c, relay);
        const language = languageOf(c, site);
        const body = await readText(c.req.raw, { maxBytes: MAX_BODY_BYTES, enforcesLength: c.env.enforcesLength });
        const sent = readSentForm(body, site);
        const submission = await submitForm(sent, { site, language, address: c.env.address }, relay);
        if (submission.kind === 'call') return redirectToCall(c, `${encodeURIComponent(site.key)}/call`, submission.call, relay);
        const times = await timesOf(site, site.departments.get(sent.fields.department));
        const frame = formPage({ site, times, language, fields: sent.fields, ...submission });
        return respondPage(c, frame, { ...submission, referrer: 'same-origin' });
      }),
    )
    .get('/:site/call', async (c) => {
      const site = findSite(c, relay);
      return respondCall(c, site, await findOwnCall(c, site, relay), relay);
    })
    .post(
      '/:site/call',
      behind([guardSameOrigin({ takesOpaque: true }), guardFormBody, shieldGuard], async (c) => {
        const site = findSite(c, relay);
        const call = await findOwnCall(c, site, relay);
        const taken = await takeBack(call, relay);
        if (taken !== undefined) return redirectToCall(c, 'call', taken, relay);
        const language = languageOf(c, site);
        const notice = { title: FORM_TEXTS[language].too_late, text: '' };
        return respondCall(c, site, (await relay.store.find(call.id)) ?? call, relay, { status: PROBLEMS.too_late.status, notice });
      }),
    )
    .onError((error, c) => respondToFormError(error, c, relay));
}

/** Nobody is to type a number into a form that is known to refuse it. */
function guardOpenForm(site: SiteConfig, { switches }: RelayContext): void {
  const { paused, pausedSites } = switches();
  if (paused || pausedSites.has(site.key)) throw new RequestProblem('unavailable');
  if (site.proof.mode === 'always') throw new RequestProblem('proof_required');
}

/** Another department may be there while this one is not: then the form is drawn, and says so. */
function guardOfferedTime({ departments }: SiteConfig, { open, opensAt, slots }: SiteTimes): void {
  if (!open && slots.length === 0 && departments.size === 0) throw new RequestProblem('closed', { opensAt });
}

/** A link may name one; a name that is not known is passed over. */
function findDepartment(key: string | undefined, site: SiteConfig): string {
  return key !== undefined && site.departments.has(key) ? key : '';
}

function findSite(c: Context<RelayEnv>, relay: RelayContext): SiteConfig {
  const site = relay.sites.get(c.req.param('site') ?? '');
  if (site === undefined) throw new RequestProblem('unknown_site', { detail: 'site' });
  return site;
}

function languageOf(c: Context<RelayEnv>, site: SiteConfig | undefined): FormLanguage {
  return pickFormLanguage(c.req.query('lang'), c.req.header('accept-language'), site?.country ?? '');
}

/** A wrong token, an unknown id and another site's call are one answer: no oracle for ids. */
async function findOwnCall(c: Context<RelayEnv>, site: SiteConfig, relay: RelayContext): Promise<Call> {
  const { id = '', token = '' } = c.req.query();
  const call = isStatusToken(token, id, relay.vault) ? await relay.store.find(id) : undefined;
  if (call === undefined || call.site !== site.key) throw new RequestProblem('unknown_call');
  return call;
}

/** After a POST, so that going back or drawing anew sends nothing. `path` is relative: a proxy may serve the relay under a path. */
function redirectToCall(c: Context<RelayEnv>, path: string, call: Call, relay: RelayContext): Response {
  const query = new URLSearchParams({
    id: call.id,
    token: statusTokenOf(call.id, relay.vault),
    ...(c.req.query('lang') !== undefined && { lang: languageOf(c, relay.sites.get(call.site)) }),
  });
  return respond(c, 303, null, { Location: `${path}?${query}`, 'Referrer-Policy': 'no-referrer', 'Cache-Control': 'no-store' });
}

interface CallAnswer {
  status: number;
  notice: Notice | undefined;
}

function respondCall(
  c: Context<RelayEnv>,
  site: SiteConfig,
  call: Call,
  relay: RelayContext,
  { status, notice }: CallAnswer = { status: 200, notice: undefined },
): Promise<Response> {
  const language = languageOf(c, site);
  const now = relay.clock.now();
  const asked = c.req.query('lang') === undefined ? '' : `?lang=${language}`;
  const formHref = `../${encodeURIComponent(site.key)}${asked}`;
  const frame = formCallPage({ site, language, call, view: viewCall(call, now, relay.problemOf), now, notice, formHref });
  // The address holds the token of this call: it is told to nobody.
  return respondPage(c, frame, { status, referrer: 'no-referrer' });
}

/** A person looks at this: one sentence on what happened and the telephone, under the status that a program would read. */
function respondToFormError(error: Error, c: Context<RelayEnv>, relay: RelayContext): Promise<Response> {
  const problem = error instanceof RequestProblem ? error : new RequestProblem('unavailable');
  const path = c.req.routePath;
  // Foreign errors may carry what was sent: only their kind is logged.
  if (problem !== error) relay.log({ level: 'error', event: 'request.failed', error: error.name, path });
  else relay.log({ level: 'info', event: 'request.refused', code: problem.code, detail: problem.detail, path });

  const site = relay.sites.get(c.req.param('site') ?? '');
  const language = languageOf(c, site);
  const texts = FORM_TEXTS[language];
  const retryAfterS = problem.retryAfterS ?? USUAL_WAIT_S[problem.code];
  const doubt = doubtOf(problem, c);
  const { notice = fillNotice(texts, 'not_sent') } =
    doubt === undefined
      ? explainProblem(problem.code, { site, language, waitS: retryAfterS, opensAt: problem.opensAt })
      : { notice: fillNotice(texts, doubt, { time: formatDuration(retryAfterS ?? 60, language) }) };
  const refreshAfterS = doubt === 'not_seen' || doubt === 'not_cancelled' ? retryAfterS : undefined;
  const frame = { language, title: notice.title, company: site?.name, content: drawMessage(notice, site, texts), refreshAfterS };
  return respondPage(c, frame, { status: PROBLEMS[problem.code].status, retryAfterS, referrer: 'no-referrer' });
}

/** A request may have been accepted long before, or just now: of one that was not looked at, nothing is claimed. */
function doubtOf({ code }: RequestProblem, c: Context<RelayEnv>): NoticeKey | undefined {
  if (code !== 'rate_limited' && code !== 'unavailable') return undefined;
  const isPost = c.req.method === 'POST';
  if (c.req.routePath.endsWith('/:site/call')) return isPost ? 'not_cancelled' : 'not_seen';
  if (!isPost) return undefined;
  return code === 'rate_limited' ? 'unread' : 'unsure';
}
