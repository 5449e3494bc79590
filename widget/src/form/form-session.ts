/** Runs the state machine: does what a step asks for and feeds the answers back in. */

import type { Challenge } from '../../../server/src/contract/challenge.ts';
import type { Clock } from '../clock.ts';
import type { Relay } from '../relay/relay-client.ts';
import { solveProof } from '../relay/solve-proof.ts';
import type { Ask, Effect, FollowedCall, FormState, Message } from './form-state.ts';
import { emptyForm, stepForm } from './step-form.ts';

export interface FormSession {
  state(): FormState;
  send(message: Message): void;
  /** Asks for the site view unless there is a fresh one. Called when the visitor shows intent. */
  prepare(): void;
  /** The page is seen and connected again: an overdue question is asked at once. */
  wake(): void;
  /** Nothing is drawn, asked, solved or sent any more. */
  end(): void;
}

export interface FormSessionOptions {
  relay: Relay;
  clock: Clock;
  /** ISO 3166-1 alpha-2; wins over the site view's. May be empty. */
  country: string;
  /** Key of the department that the page has chosen. May be empty. */
  department: string;
  /** Whether the page is visible; a hidden one asks nothing. */
  isSeen: () => boolean;
  isOnline: () => boolean;
  /** Runs a hosted check and answers with its token. */
  check: (signal: AbortSignal) => Promise<string>;
  onChange: (state: FormState, previous: FormState) => void;
}

/** Who is still asked after so many is asked by a relay that takes none. */
const MAX_PROOFS = 3;

/** As long as the relay lets the site view be cached. */
const VIEW_FRESH_MS = 60_000;

export function formSession({ relay, clock, country, department, isSeen, isOnline, check, onChange }: FormSessionOptions): FormSession {
  let state = emptyForm(country, department);
  let shown = state;
  const life = new AbortController();
  const { signal } = life;
  let proofsLeft = 0;
  let viewFreshUntil = 0;
  /** The site view is on its way. */
  let loading: Promise<void> | undefined;
  /** What the visitor has sent before that. */
  let held: Message | undefined;
  /** The proof that the next request is to bring, where the relay has said beforehand what it wants. */
  let early: Promise<string | undefined> | undefined;
  /** Epoch ms; infinite until the relay has answered. */
  let earlyUntil = 0;
  let due: { call: FollowedCall; stop: () => void } | undefined;

  function send(message: Message): void {
    if (signal.aborted) return;
    // Before it is known of which country the numbers are here, one would be read as somebody else's.
    if (message.kind === 'submit' && loading && !state.view) {
      if (held) return;
      show({ ...state, scene: 'sending' });
      held = message;
      return;
    }
    const [next, effect] = stepForm(state, message);
    show(next);
    if (effect) void run(effect);
    if (state.scene === 'editing' && state.view?.proof && clock.now() >= earlyUntil) early = proveEarly().catch(() => undefined);
  }

  function show(next: FormState): void {
    state = next;
    // Until it is known what becomes of what is held, the page goes on seeing that it is being sent.
    if (next === shown || (held && next.scene === 'editing')) return;
    const previous = shown;
    shown = next;
    onChange(next, previous);
  }

  /** What every request of this site has to bring is found while the visitor types, and anew where they take longer than it is good. */
  async function proveEarly(): Promise<string | undefined> {
    earlyUntil = Infinity;
    const answer = await relay.readChallenge();
    if (answer.kind !== 'ok') return undefined;
    earlyUntil = clock.now() + answer.value.goodForMs;
    return prove(answer.value.challenge);
  }

  function prove(challenge: Challenge): Promise<string> {
    // Not by its kind: the build shortens that name, which is the script's own too.
    return 'vendor' in challenge ? check(signal) : solveProof(challenge, life);
  }

  async function run(effect: Effect): Promise<void> {
    switch (effect.kind) {
      case 'load_site':
        return startLoading();
      case 'ask':
        due?.stop();
        due = { call: effect.call, stop: clock.after(effect.afterMs, ask) };
        return;
      case 'cancel': {
        const { id, token } = effect.call;
        return send({ kind: 'cancel_heard', id, answer: await relay.cancelCall(id, token), now: clock.now() });
      }
      case 'post': {
        await new Promise<void>((resolve) => clock.after(effect.afterMs, resolve));
        // Repeats that go out by themselves share the proofs of the visitor's one wish.
        if (!effect.afterMs) proofsLeft = MAX_PROOFS;
        const proof = clock.now() < earlyUntil ? await early : undefined;
        // It is good for one request.
        earlyUntil = 0;
        return post(effect.ask, proof);
      }
    }
  }

  /** Solves what the relay asks for before it answers; with each proof the request is frozen anew. */
  async function post(asked: Ask, proof?: string): Promise<void> {
    if (signal.aborted) return;
    const ask = proof ? { ...asked, body: JSON.stringify({ ...JSON.parse(asked.body), proof }) } : asked;
    const answer = await relay.postCall(ask.key, ask.body);
    if (answer.kind === 'problem' && answer.challenge && proofsLeft-- > 0) {
      try {
        return post(ask, await prove(answer.challenge));
      } catch {
        // What this page cannot prove stays a refusal.
      }
    }
    send({ kind: 'posted', ask, answer, isOnline: isOnline(), now: clock.now() });
  }

  /** Stays due while the page is hidden; `wake` comes back to it. */
  async function ask(): Promise<void> {
    if (!due || !isSeen()) return;
    const { id, token } = due.call;
    due.stop();
    due = undefined;
    send({ kind: 'heard', id, answer: await relay.readCall(id, token), now: clock.now() });
  }

  function startLoading(): void {
    const begun = loadSite().finally(() => {
      if (loading !== begun) return;
      const message = held;
      loading = held = undefined;
      if (message) send(message);
    });
    loading = begun;
  }

  async function loadSite(): Promise<void> {
    viewFreshUntil = clock.now() + VIEW_FRESH_MS;
    const asked = state.fields.department;
    const answer = await relay.readSite(asked);
    // The visitor may have chosen another department meanwhile.
    if (asked !== state.fields.department) return;
    // Nothing has gone out yet, and the site may turn out to be closed.
    if (held) show({ ...state, scene: 'editing' });
    if (answer.kind === 'ok') send({ kind: 'site', view: answer.value, country });
    else viewFreshUntil = 0;
  }

  return {
    state: () => state,
    send,
    prepare() {
      if (clock.now() >= viewFreshUntil) startLoading();
    },
    wake: ask,
    end() {
      life.abort();
      due?.stop();
      due = undefined;
    },
  };
}
