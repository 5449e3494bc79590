/** One widget on a page: its host element and shadow tree, drawn anew at each change, with focus and news put where they belong. */
import type { Clock } from '../clock.ts';
import { draw as drawInto } from '../draw/draw.ts';
import { Form } from '../form/Form.tsx';
import { isFollowing } from '../form/follow-call.ts';
import { formSession } from '../form/form-session.ts';
import type { FormState } from '../form/form-state.ts';
import { isAsking } from '../form/step-form.ts';
import { wordsOf } from '../form/words.ts';
import { makeIdempotencyKey } from '../relay/idempotency-key.ts';
import type { Relay } from '../relay/relay-client.ts';
import { en } from '../text/en.ts';
import { LABELS, languageOf, pickLocale } from '../text/languages.ts';
import type { Settings } from './attributes.ts';
import { liftSheet, makeHost, placeHost } from './host.ts';
import { readPage } from './page-context.ts';
import { Shell } from './Shell.tsx';

export interface Widget {
  readonly site: string;
  /** Puts the host element where it belongs unless it stands somewhere already. Safe to call at any time. */
  mount(tag?: HTMLScriptElement): void;
  open(): void;
  close(): void;
  destroy(): void;
}

/** A visitor waits no longer for their language; then the form is English until it comes. */
const LANGUAGE_WITHIN_MS = 1500;

export function widget(settings: Settings, relay: Relay, clock: Clock, firstTag: HTMLScriptElement): Widget {
  const { site, mode, target, label, position, scheme, department } = settings;
  const page = document.documentElement;
  const locale = pickLocale([settings.locale, page.lang, ...navigator.languages]);
  const language = languageOf(locale);
  const isInline = mode === 'inline';
  const drawsLauncher = !isInline && !target;
  const { host, shadow } = makeHost(settings);
  const life = new AbortController();
  const { signal } = life;

  let tag = firstTag;
  let isOpen = isInline;
  let words = wordsOf(en, locale);
  /** Settled when there is nothing more to wait for. */
  let wording: Promise<void> | undefined;
  let isWorded = language === 'en';

  const session = formSession({
    relay,
    clock,
    country: settings.country,
    isSeen: () => document.visibilityState === 'visible' && navigator.onLine,
    isOnline: () => navigator.onLine,
    onChange: show,
  });

  function draw(): void {
    if (signal.aborted) return;
    const form = () =>
      Form({
        state: session.state(),
        words,
        showsName: settings.nameField === 'show',
        send: session.send,
        submit,
        stamp: () => new Date(clock.now()).toISOString(),
        close: isInline ? undefined : close,
      });
    const shell = Shell({
      class: isInline && !isWorded ? `${scheme} pending` : scheme,
      direction: getComputedStyle(page).direction === 'rtl' ? 'rtl' : 'ltr',
      locale,
      isInline,
      label: drawsLauncher ? label || LABELS[language] : undefined,
      position,
      onIntent: prepare,
      onOpen: open,
      onClosed,
      children: isOpen && form(),
    });
    drawInto(shadow, shell);
  }

  function show(state: FormState, previous: FormState): void {
    const hadFocus = shadow.activeElement;
    draw();
    const { scene, fault } = state;
    if (fault && fault !== previous.fault) focus(`#${fault.field}`);
    else if (scene === 'editing' && !isAsking(previous)) focus('#phone');
    // What had the focus is gone with the former scene; the keyboard goes on from the new one's title.
    else if (hadFocus && !shadow.activeElement) focus('h2');

    if (scene === previous.scene) return;
    dispatch('state');
    if (previous.scene === 'sending' && scene !== 'editing') dispatch(isFollowing(scene) ? 'accepted' : 'error');
  }

  /** Page events. Never with a telephone number. */
  function dispatch(name: string): void {
    const { scene, call } = session.state();
    host.dispatchEvent(new CustomEvent(`ringback:${name}`, { bubbles: true, detail: { site, state: scene, call: call?.id } }));
  }

  /** The visitor shows intent: only now is anything fetched. */
  function prepare(): void {
    session.prepare();
    wording ??= isWorded ? Promise.resolve() : loadWords();
  }

  async function loadWords(): Promise<void> {
    const late = new Promise<void>((resolve) => clock.after(LANGUAGE_WITHIN_MS, resolve));
    const loading = relay.readTexts(language).then((answer) => {
      if (answer.kind === 'ok') words = wordsOf(answer.value, locale);
      draw();
    });
    await Promise.race([loading, late]);
    isWorded = true;
    draw();
  }

  function open(): void {
    prepare();
    if (isWorded) reveal();
    else void wording?.then(reveal);
  }

  function reveal(): void {
    if (signal.aborted) return;
    mount();
    isOpen = true;
    draw();
    const dialog = shadow.querySelector('dialog');
    if (dialog && !dialog.open) {
      dialog.showModal();
      dispatch('open');
    }
    focus(isAsking(session.state()) ? '#phone' : 'h2');
  }

  function close(): void {
    shadow.querySelector('dialog')?.close();
  }

  function onClosed(): void {
    isOpen = false;
    draw();
    dispatch('close');
  }

  function submit(): void {
    const context = readPage(location.href, document.referrer, document.title);
    session.send({
      kind: 'submit',
      key: makeIdempotencyKey(),
      rest: { site, locale, page: context, department: department || undefined },
    });
  }

  function focus(selector: string): void {
    shadow.querySelector<HTMLElement>(selector)?.focus();
  }

  function mount(newTag = tag): void {
    tag = newTag;
    if (host.isConnected || !placeHost(host, isInline, target, tag)) return;
    // A dialog that was taken out of the document is open in name only.
    close();
    draw();
    dispatch('ready');
  }

  function listen(on: EventTarget, names: string[], listener: (event: Event) => void): void {
    for (const name of names) on.addEventListener(name, listener, { signal });
  }

  draw();
  listen(document, ['visibilitychange'], session.wake);
  listen(window, ['online', 'pageshow'], session.wake);
  if (window.visualViewport) listen(window.visualViewport, ['resize'], () => liftSheet(host));
  if (isInline) {
    const onSight = new IntersectionObserver(([entry]) => entry?.isIntersecting && prepare());
    for (const card of shadow.querySelectorAll('section')) onSight.observe(card);
    listen(signal, ['abort'], () => onSight.disconnect());
  } else if (target) {
    const ifOwn = (then: () => void) => (event: Event) => event.target instanceof Element && event.target.closest(target) && then();
    listen(document, ['pointerover', 'focusin'], ifOwn(prepare));
    listen(document, ['click'], ifOwn(open));
  }

  return {
    site,
    mount,
    open,
    close,
    destroy() {
      session.end();
      life.abort();
      close();
      drawInto(shadow, []);
      host.remove();
    },
  };
}
