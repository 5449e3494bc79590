/** How a call stands, in true words, on a page that asks again by itself. */
import { html } from 'hono/html';
import type { SiteConfig } from '../config/config.ts';
import { CALL_STEPS, type CallStep, type CallView } from '../contract/calls.ts';
import type { Call } from '../store/call.ts';
import type { FormFrame, Markup } from './form-frame.ts';
import { drawNotice, drawPhoneLink, type Notice, type NoticeKey } from './form-parts.ts';
import { FORM_TEXTS, type FormLanguage, type FormTextKey, fillText } from './form-texts.ts';
import { formatMoment } from './form-times.ts';

/** A page that draws itself anew takes the focus away, and each time counts against the source: less often than a script asks. */
const MIN_REFRESH_S = 4;
/** Not every provider reports the end of a call; the visitor must get out of that page nevertheless. */
const UNREPORTED_CALLING_MS = 120_000;

export interface CallPageView {
  site: SiteConfig;
  language: FormLanguage;
  call: Call;
  view: CallView;
  /** Epoch ms. */
  now: number;
  notice: Notice | undefined;
  /** Where the form is, seen from this page. */
  formHref: string;
}

export function formCallPage({ site, language, call, view, now, notice, formHref }: CallPageView): FormFrame {
  const texts = FORM_TEXTS[language];
  const scene = sceneOf(call, view, now);
  const canCancel = call.state === 'accepted' || call.state === 'scheduled';
  const isSilent = scene === 'calling' && view.step === undefined && now >= call.dialBefore + UNREPORTED_CALLING_MS;
  const canAskAnew = view.final || scene === 'doubtful' || isSilent;
  const isBadNumber = view.problem === 'number_invalid' || view.problem === 'number_refused';
  const timeZone = site.hours?.timeZone ?? site.timeZone;
  const plannedFor = call.scheduledFor === undefined ? '' : formatMoment(call.scheduledFor, timeZone, language);
  const content = html`<h1>${texts[scene]}</h1>
<p class="lead">${scene === 'failed' && isBadNumber ? texts.bad_number : fillText(texts[`${scene}_text`], { time: plannedFor })}</p>
${drawNotice(notice)}
${view.step === undefined ? '' : drawSteps(view.step, language)}
<div class="actions">
${canCancel ? html`<form method="post"><button class="button">${texts.cancel}</button></form>` : ''}
${canAskAnew ? html`<a class="button main" href="${formHref}">${texts.anew}</a>` : ''}
${drawPhoneLink(site, texts)}
</div>`;
  return {
    language,
    title: texts[scene],
    company: site.name,
    content,
    refreshAfterS: view.final ? undefined : Math.max(MIN_REFRESH_S, Math.ceil(view.pollAfterMs / 1_000)),
  };
}

type Scene = NoticeKey &
  ('scheduled' | 'waiting' | 'doubtful' | 'calling' | 'talking' | 'done' | 'missed' | 'failed' | 'unconfirmed' | 'cancelled');

/** Past its deadline a call that still waits was perhaps started and perhaps not. */
function sceneOf(call: Call, { state, unconfirmed }: CallView, now: number): Scene {
  if (unconfirmed) return 'unconfirmed';
  if ((state === 'waiting' || state === 'scheduled') && now >= call.dialBefore) return 'doubtful';
  return state === 'scheduled' && call.scheduledFor !== undefined && now >= call.scheduledFor ? 'waiting' : state;
}

/** Drawn only where the provider reports steps: what was reported is ticked, nothing else. */
function drawSteps(step: CallStep, language: FormLanguage): Markup {
  const texts = FORM_TEXTS[language];
  const reached = CALL_STEPS.indexOf(step);
  const rows: [FormTextKey, 'past' | 'now' | 'next'][] = [
    ['waiting', 'past'],
    reached > 0 ? ['agent_answered', reached > 1 ? 'past' : 'now'] : ['agent_ringing', 'now'],
    reached > 1 ? ['visitor_ringing', 'now'] : ['visitor_next', 'next'],
    ['talking', 'next'],
  ];
  return html`<ol>${rows.map(
    ([key, state]) => html`<li class="${state}"${state === 'now' ? html` aria-current="step"` : ''}>${texts[key]}</li>`,
  )}</ol>`;
}
