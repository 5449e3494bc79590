/** One widget on a page: its host element and shadow tree, drawn anew at each change, with focus and news put where they belong. */
import { render } from 'preact';
import type { Clock } from '../clock.ts';
import { Form } from '../form/Form.tsx';
import { emptyForm, type FormState, type Phase } from '../form/form-state.ts';
import { type FormSession, formSession } from '../form/form-session.ts';
import { type Words, wordsOf } from '../form/words.ts';
import { makeIdempotencyKey } from '../relay/idempotency-key.ts';
import type { Relay } from '../relay/relay-client.ts';
import { accentSheet, type Rgb } from '../style/accent.ts';
import css from '../style/widget.css?inline';
import { en } from '../text/en.ts';
import { LABELS, languageOf, pickLocale } from '../text/languages.ts';
import type { Settings } from './attributes.ts';
import { readPage } from './page-context.ts';
import { Shell } from './Shell.tsx';

export interface Widget {
  /** Puts the host element where it belongs unless it stands somewhere already. Safe to call at any time. */
  mount(tag?: HTMLScriptElement): void;
  open(): void;
  close(): void;
  destroy(): void;
}

/** A visitor waits no longer for their language; then the form is English until it comes. */
const LANGUAGE_WITHIN_MS = 1500;

export function widget(settings: Settings, relay: Relay, clock: Clock, firstTag: HTMLScriptElement): Widget {
  const root = document.documentElement;
  const locale = pickLocale([settings.locale, root.lang, ...navigator.languages]);
  const language = languageOf(locale);
  const isInline = settings.mode === 'inline';
  const drawsLauncher = settings.launcher === 'show' || (settings.launcher === 'auto' && !settings.target);

  const host = document.createElement('ringback-widget');
  const shadow = host.attachShadow({ mode: 'open' });
  const sheet = new CSSStyleSheet();
  const [light = BLACK, dark = light] = settings.color;
  sheet.replaceSync(`${css}${accentSheet(light, dark)}.root{--offset:${settings.offset}px;--layer:${settings.zIndex}}`);
  shadow.adoptedStyleSheets = [sheet];

  const life = new AbortController();
  const { signal } = life;
  let tag = firstTag;
  let isOpen = isInline;
  let words: Words | undefined = language === 'en' ? wordsOf(en, locale) : undefined;
  let awaitedWords: Promise<void> | undefined;

  const session: FormSession = formSession({
    initial: emptyForm(settings.country || 'US', settings.department),
    country: settings.country || undefined,
    relay,
    clock,
    isSeen: () => document.visibilityState === 'visible' && navigator.onLine,
    isOnline: () => navigator.onLine,
    onChange: show,
  });

  function draw(): void {
    const { direction } = getComputedStyle(root);
    const form = isOpen
      ? Form({
          state: session.state(),
          words: words ?? wordsOf(en, 'en'),
          showsName: settings.nameField === 'show',
          asksDepartment: !settings.department,
          send: session.send,
          submit,
          stamp: () => new Date(clock.now()).toISOString(),
          close: isInline ? undefined : close,
        })
      : undefined;
    const shell = Shell({
      class: `${settings.scheme}${isInline && !words ? ' pending' : ''}`,
      direction: direction === 'rtl' ? 'rtl' : 'ltr',
      locale,
      isInline,
      label: drawsLauncher ? settings.label || LABELS[language] : undefined,
      position: settings.position,
      onIntent: prepare,
      onOpen: open,
      onClosed,
      children: form,
    });
    render(shell, shadow);
  }

  function show(state: FormState, previous: FormState): void {
    const hadFocus = shadow.activeElement !== null;
    draw();
    const { phase } = state;
    if (phase === previous.phase) return;
    if (phase.kind === 'editing' && phase.fault) focus(`#${phase.fault.field}`);
    else if (phase.kind === 'editing' && isTold(previous.phase)) focus('#phone');
    // What had the focus is gone with the former state; the keyboard goes on from the new state's title.
    else if (hadFocus && !shadow.activeElement) focus('h2');
    tell(phase, previous.phase);
  }

  /** Page events. Never with a telephone number. */
  function tell(phase: Phase, previous: Phase): void {
    const state = nameOf(phase);
    if (state === nameOf(previous)) return;
    if (phase.kind === 'following' && previous.kind === 'sending') dispatch('accepted', { id: phase.call.id });
    dispatch('state', { state });
    if (phase.kind === 'stopped') dispatch('error', { cause: phase.cause });
  }

  function dispatch(name: string, detail: object = {}): void {
    host.dispatchEvent(new CustomEvent(`ringback:${name}`, { bubbles: true, detail: { site: settings.site, ...detail } }));
  }

  /** The visitor shows intent: only now is anything fetched. */
  function prepare(): void {
    session.prepare();
    awaitedWords ??= words ? Promise.resolve() : loadWords();
  }

  async function loadWords(): Promise<void> {
    await new Promise<void>((resolve) => {
      clock.after(LANGUAGE_WITHIN_MS, resolve);
      void relay.readTexts(language).then((answer) => {
        if (answer.kind === 'ok') words = wordsOf(answer.value, locale);
        resolve();
        if (!signal.aborted) draw();
      });
    });
    words ??= wordsOf(en, 'en');
    if (!signal.aborted) draw();
  }

  function open(): void {
    prepare();
    if (words) reveal();
    else void awaitedWords?.then(reveal);
  }

  function reveal(): void {
    if (signal.aborted) return;
    if (!host.isConnected) mount();
    const dialog = shadow.querySelector('dialog');
    if (dialog && !dialog.open) {
      isOpen = true;
      draw();
      dialog.showModal();
      dispatch('open');
    }
    focus(isTold(session.state().phase) ? 'h2' : '#phone');
  }

  function close(): void {
    shadow.querySelector('dialog')?.close();
  }

  function onClosed(): void {
    isOpen = false;
    if (!signal.aborted) draw();
    dispatch('close');
  }

  function submit(): void {
    const page = readPage(location.href, document.referrer, document.title);
    session.send({ kind: 'submit', key: makeIdempotencyKey(), site: settings.site, locale, page });
  }

  function focus(selector: string): void {
    shadow.querySelector<HTMLElement>(selector)?.focus();
  }

  function mount(newTag = tag): void {
    tag = newTag;
    if (signal.aborted || host.isConnected) return;
    const place = placeOf(settings, tag);
    if (!place) return;
    place(host);
    draw();
    const dialog = shadow.querySelector('dialog');
    // A dialog that was taken out of the document is open in name only.
    if (dialog?.open) {
      dialog.close();
      isOpen = true;
      draw();
      dialog.showModal();
    }
    dispatch('ready');
  }

  function listen(): void {
    const on = (target: EventTarget, names: string[], listener: (event: Event) => void) => {
      for (const name of names) target.addEventListener(name, listener, { signal, passive: true });
    };
    on(document, ['visibilitychange'], session.wake);
    on(window, ['online', 'pageshow'], session.wake);
    if (window.visualViewport) on(window.visualViewport, ['resize'], () => liftSheet(host));
    if (isInline) {
      const seen = new IntersectionObserver((entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) prepare();
      });
      draw();
      const card = shadow.querySelector('section');
      if (card) seen.observe(card);
      signal.addEventListener('abort', () => seen.disconnect());
    } else if (settings.target) {
      const isOwn = ({ target }: Event) => target instanceof Element && target.closest(settings.target);
      on(document, ['pointerover', 'focusin'], (event) => isOwn(event) && prepare());
      on(document, ['click'], (event) => isOwn(event) && open());
    }
  }

  listen();
  return {
    mount,
    open,
    close,
    destroy() {
      session.end();
      close();
      life.abort();
      render(null, shadow);
      host.remove();
    },
  };
}

const BLACK: Rgb = [0, 0, 0];

/** How the host gets to its place; undefined while the page has no such place. */
function placeOf({ mode, target }: Settings, tag: HTMLScriptElement): ((host: Element) => void) | undefined {
  if (mode === 'button') return document.body ? (host) => document.body.append(host) : undefined;
  if (target) {
    const element = document.querySelector(target);
    return element ? (host) => element.append(host) : undefined;
  }
  return tag.isConnected && document.body?.contains(tag) ? (host) => tag.after(host) : undefined;
}

/** A bottom sheet stands on the on-screen keyboard where that covers the window instead of shrinking it. */
function liftSheet(host: HTMLElement): void {
  const view = window.visualViewport;
  const covered = view ? Math.max(0, Math.round(window.innerHeight - view.height - view.offsetTop)) : 0;
  host.style.setProperty('--keyboard', `${view?.scale === 1 ? covered : 0}px`);
}

function isTold({ kind }: Phase): boolean {
  return kind === 'following' || kind === 'ended' || kind === 'stopped';
}

function nameOf(phase: Phase): string {
  switch (phase.kind) {
    case 'following':
      return phase.call.state;
    case 'ended':
      return phase.end;
    case 'stopped':
      return phase.cause;
    case 'preparing':
      return 'sending';
    default:
      return phase.kind;
  }
}
