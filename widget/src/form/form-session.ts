/** Runs the state machine: does what a step asks for and feeds the answers back in. */
import type { Clock } from '../clock.ts';
import type { Relay } from '../relay/relay-client.ts';
import type { FollowedCall, FormState, Message } from './form-state.ts';
import { stepForm } from './step-form.ts';

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
  initial: FormState;
  relay: Relay;
  clock: Clock;
  /** Wins over the site view's country. */
  country: string | undefined;
  /** Whether the page is visible; a hidden one asks nothing. */
  isSeen: () => boolean;
  isOnline: () => boolean;
  onChange: (state: FormState, previous: FormState) => void;
}

/** As long as the relay lets the site view be cached. */
const VIEW_FRESH_MS = 60_000;

export function formSession({ initial, relay, clock, country, isSeen, isOnline, onChange }: FormSessionOptions): FormSession {
  let state = initial;
  let hasEnded = false;
  let viewAskedAt = Number.NEGATIVE_INFINITY;
  let waiting: { call: FollowedCall; stop: () => void } | undefined;

  function send(message: Message): void {
    if (hasEnded) return;
    const previous = state;
    const [next, effect] = stepForm(state, message);
    state = next;
    // Before the effect: a form that is being sent must be seen so, even if sending answers at once.
    if (next !== previous) onChange(next, previous);
    switch (effect?.kind) {
      case 'load_site':
        loadSite();
        break;
      case 'post': {
        const { key, body } = effect.ask;
        clock.after(effect.afterMs, async () => {
          if (hasEnded) return;
          const answer = await relay.postCall(key, body);
          send({ kind: 'posted', key, answer, isOnline: isOnline(), now: clock.now() });
        });
        break;
      }
      case 'ask':
        waiting?.stop();
        waiting = { call: effect.call, stop: clock.after(effect.afterMs, ask) };
        break;
      case 'cancel': {
        const { id, token } = effect.call;
        void relay.cancelCall(id, token).then((answer) => send({ kind: 'cancel_heard', id, answer, now: clock.now() }));
      }
    }
  }

  /** Stays due while the page is hidden; `wake` comes back to it. */
  async function ask(): Promise<void> {
    if (!waiting || hasEnded || !isSeen()) return;
    const { call, stop } = waiting;
    stop();
    waiting = undefined;
    const answer = await relay.readCall(call.id, call.token);
    send({ kind: 'heard', id: call.id, answer, now: clock.now() });
  }

  async function loadSite(): Promise<void> {
    viewAskedAt = clock.now();
    const answer = await relay.readSite();
    if (answer.kind !== 'ok') viewAskedAt = Number.NEGATIVE_INFINITY;
    send({ kind: 'site', answer, country });
  }

  return {
    state: () => state,
    send,
    prepare() {
      if (clock.now() - viewAskedAt >= VIEW_FRESH_MS) void loadSite();
    },
    wake: () => void ask(),
    end() {
      hasEnded = true;
      waiting?.stop();
    },
  };
}
