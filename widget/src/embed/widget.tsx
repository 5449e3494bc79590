/** One widget on a page: its host element and shadow tree, drawn anew at each change, with focus and news put where they belong. */

// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, render } from 'preact';
import type { Clock } from '../clock.ts';
import { Form } from '../form/Form.tsx';
import { isFollowing } from '../form/follow-call.ts';
import { formSession } from '../form/form-session.ts';
import type { FormState } from '../form/form-state.ts';
import { Icon } from '../form/Icon.tsx';
import { isAsking } from '../form/step-form.ts';
import { wordsOf } from '../form/words.ts';
import { makeIdempotencyKey } from '../relay/idempotency-key.ts';
import type { Relay } from '../relay/relay-client.ts';
import { runCheck } from '../relay/run-check.ts';
import { en } from '../text/en.ts';
import { LABELS, languageOf, pickLocale } from '../text/languages.ts';
import type { Settings } from './attributes.ts';
import { liftSheet, makeHost, placeHost } from './host.ts';
import { readPage } from './page-context.ts';

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
    department,
    isSeen: () => document.visibilityState === 'visible' && navigator.onLine,
    isOnline: () => navigator.onLine,
    check: (over) => runCheck({ address: relay.checkAddress, place: shadow, clock, signal: over }),
    onChange: show,
  });

  function draw(): void {
    if (signal.aborted) return;
    const form = isOpen && (
      <Form
        {...session.state()}
        {...words}
        showsName={settings.nameField === 'show'}
        showsDepartments={!department}
        edit={(change) => session.send({ kind: 'edit', change })}
        send={session.send}
        submit={submit}
        stamp={() => new Date(clock.now()).toISOString()}
        close={isInline ? undefined : close}
      />
    );
    const shell = (
      <div
        class={`root ${scheme} ${isInline && !isWorded ? 'pending' : ''}`}
        dir={getComputedStyle(page).direction === 'rtl' ? 'rtl' : 'ltr'}
        lang={locale}
      >
        {drawsLauncher && (
          <button
            class={`button main launcher ${position}`}
            type="button"
            aria-haspopup="dialog"
            onPointerEnter={prepare}
            onFocus={prepare}
            onClick={open}
          >
            <Icon name="phone" />
            {label || LABELS[language]}
          </button>
        )}
        {isInline ? (
          <section class="card" aria-labelledby="title">
            {form}
          </section>
        ) : (
          <dialog
            class="card"
            aria-labelledby="title"
            onClose={onClosed}
            // Inside, the form fills the dialog to its edge: only the backdrop is the dialog itself.
            onPointerDown={(event) => event.target === event.currentTarget && close()}
          >
            {form}
          </dialog>
        )}
      </div>
    );
    render(shell, shadow);
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
    if (!isWorded) wording ??= loadWords();
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
      rest: { site, locale, page: context },
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

  /** On the window: all of these bubble. */
  function listen(names: string[], listener: (event: Event) => void): void {
    for (const name of names) window.addEventListener(name, listener, { signal });
  }

  draw();
  listen(['visibilitychange', 'online', 'pageshow'], session.wake);
  window.visualViewport?.addEventListener('resize', () => liftSheet(shadow.querySelector('.root')), { signal });
  const onSight = new IntersectionObserver(([entry]) => entry?.isIntersecting && prepare());
  for (const card of shadow.querySelectorAll('section')) onSight.observe(card);
  if (target && !isInline) {
    listen(['pointerover', 'focusin', 'click'], ({ target: over, type }) => {
      if (over instanceof Element && over.closest(target)) (type === 'click' ? open : prepare)();
    });
  }

  return {
    site,
    mount,
    open,
    close,
    destroy() {
      session.end();
      life.abort();
      onSight.disconnect();
      close();
      render(null, shadow);
      host.remove();
    },
  };
}
