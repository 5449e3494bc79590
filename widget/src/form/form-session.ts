/** Runs the state machine: does what a step asks for and feeds the answers back in. */
import type { Clock } from '../clock.ts';
import type { Relay } from '../relay/relay-client.ts';
import type { Effect, FollowedCall, FormState, Message } from './form-state.ts';
import { emptyForm, stepForm } from './step-form.ts';

export interface FormSession {
  state(): FormState;
  send(message: Message): void;
  /** Asks for the site view unless there is a fresh one. Called when the visitor shows intent. */
  prepare(): void;
  /** The page is seen and connected again: an overdue question is asked at once. */
  wake(): void;
  /** Nothing is drawn, asked or sent any more. */
  end(): void;
}

export interface FormSessionOptions {
  relay: Relay;
  clock: Clock;
  /** ISO 3166-1 alpha-2; wins over the site view's. May be empty. */
  country: string;
  /** Whether the page is visible; a hidden one asks nothing. */
  isSeen: () => boolean;
  isOnline: () => boolean;
  onChange: (state: FormState, previous: FormState) => void;
}

/** As long as the relay lets the site view be cached. */
const VIEW_FRESH_MS = 60_000;

export function formSession({ relay, clock, country, isSeen, isOnline, onChange }: FormSessionOptions): FormSession {
  let state = emptyForm(country || 'US');
  let hasEnded = false;
  let viewFreshUntil = 0;
  let due: { call: FollowedCall; stop: () => void } | undefined;

  function send(message: Message): void {
    if (hasEnded) return;
    const previous = state;
    const [next, effect] = stepForm(state, message);
    state = next;
    if (next !== previous) onChange(next, previous);
    if (effect) void run(effect);
  }

  async function run(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'load_site':
        return loadSite();
      case 'ask':
        due?.stop();
        due = { call: effect.call, stop: clock.after(effect.afterMs, ask) };
        return;
      case 'cancel': {
        const { id, token } = effect.call;
        return send({ kind: 'cancel_heard', id, answer: await relay.cancelCall(id, token), now: clock.now() });
      }
      case 'post': {
        const { key, body } = effect.ask;
        await new Promise<void>((resolve) => clock.after(effect.afterMs, resolve));
        if (hasEnded) return;
        const answer = await relay.postCall(key, body);
        send({ kind: 'posted', key, answer, isOnline: isOnline(), now: clock.now() });
      }
    }
  }

  /** Stays due while the page is hidden; `wake` comes back to it. */
  async function ask(): Promise<void> {
    if (!due || !isSeen()) return;
    const { id, token } = due.call;
    due.stop();
    due = undefined;
    send({ kind: 'heard', id, answer: await relay.readCall(id, token), now: clock.now() });
  }

  async function loadSite(): Promise<void> {
    viewFreshUntil = clock.now() + VIEW_FRESH_MS;
    const answer = await relay.readSite();
    if (answer.kind === 'ok') send({ kind: 'site', view: answer.value, country });
    else viewFreshUntil = 0;
  }

  return {
    state: () => state,
    send,
    prepare() {
      if (clock.now() >= viewFreshUntil) void loadSite();
    },
    wake: ask,
    end() {
      hasEnded = true;
      due?.stop();
      due = undefined;
    },
  };
}
