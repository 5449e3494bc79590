/** A soft ring tone, off until the visitor of the demo turns it on, and the announcement in the browser's own voice. */

/** The ringing tone of most of Europe: 425 Hz, one second of every five. */
const TONE_HZ = 425;
const RING_S = 1;
const PERIOD_MS = 5000;
const LOUDNESS = 0.05;

export function ringTone() {
  /** @type {AudioContext | undefined} */
  let context;
  let isOn = false;
  let isRinging = false;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let repeat;

  const update = () => {
    clearInterval(repeat);
    // Suspending also cuts a tone that is still sounding.
    if (!isOn || !isRinging) return void context?.suspend();
    context ??= new AudioContext();
    void context.resume();
    playOnce(context);
    repeat = setInterval(playOnce, PERIOD_MS, context);
  };
  return {
    /** Called from a click, without which browsers play nothing. */
    toggle() {
      isOn = !isOn;
      context ??= new AudioContext();
      update();
      return isOn;
    },
    /** @param {boolean} ringing */
    setRinging(ringing) {
      if (ringing === isRinging) return;
      isRinging = ringing;
      update();
    },
  };
}

/** @param {AudioContext} context */
function playOnce(context) {
  const start = context.currentTime;
  const tone = new OscillatorNode(context, { frequency: TONE_HZ });
  const volume = new GainNode(context, { gain: 0 });
  // Eased in and out: a tone that starts at full strength clicks.
  volume.gain.linearRampToValueAtTime(LOUDNESS, start + 0.08);
  volume.gain.setValueAtTime(LOUDNESS, start + RING_S - 0.12);
  volume.gain.linearRampToValueAtTime(0, start + RING_S);
  tone.connect(volume).connect(context.destination);
  tone.start(start);
  tone.stop(start + RING_S);
}

/** Speaks to whoever just answered; silent where the browser has no voice. @param {string} text */
export function speak(text) {
  if (!('speechSynthesis' in window)) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.rate = 0.95;
  speechSynthesis.cancel();
  speechSynthesis.speak(utterance);
}

export function stopSpeaking() {
  if ('speechSynthesis' in window) speechSynthesis.cancel();
}
