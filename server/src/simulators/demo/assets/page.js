/** The demo's page: follows the relay's stream of events and draws it. Decides nothing about calls. */
import { eventLog } from './event-log.js';
import { phone } from './phone.js';
import { ringTone, speak, stopSpeaking } from './sound.js';

/**
 * @typedef {import('./phone.js').PhoneView} PhoneView
 * @typedef {'ask' | 'agent' | 'visitor' | 'talking' | 'over'} Act
 * @typedef {{ callId?: string, act: Act, hint: string, agent: PhoneView, visitor: PhoneView, announcement?: string,
 *   talkingSince?: number, talkedUntil?: number }} Stage
 */

const hint = element('hint');
const acts = element('acts');
const announcement = /** @type {HTMLElement} */ (document.querySelector('.announcement'));
const announcementText = /** @type {HTMLElement} */ (document.querySelector('.announcement-text'));
const log = eventLog({ box: element('log'), list: element('lines'), empty: element('log-empty') });
const tone = ringTone();
const agent = phone(element('agent'), { onPress: (action) => press('agent', action) });
const visitor = phone(element('visitor'), { onPress: (action) => press('visitor', action) });

/** @type {Stage | undefined} */
let stage;
/** The relay's clock less ours, in ms. */
let clockOffsetMs = 0;
/** The call that was answered in this window: others may be open, and only one is to speak. */
let answeredHere = '';
let spoken = '';

const events = new EventSource('/demo/events');
events.addEventListener('snapshot', ({ data }) => {
  const snapshot = JSON.parse(data);
  clockOffsetMs = snapshot.now - Date.now();
  log.reset(snapshot.happenings);
  draw(snapshot.stage);
});
events.addEventListener('stage', ({ data }) => draw(JSON.parse(data)));
events.addEventListener('said', ({ data }) => log.add(JSON.parse(data)));
// The browser keeps trying; the next snapshot takes this sentence away.
events.addEventListener('error', () => {
  tone.setRinging(false);
  stopSpeaking();
  say('The relay does not answer. Start it again with “npm start”; this page goes on by itself.');
});

element('sound').addEventListener('click', ({ currentTarget }) => {
  const isOn = tone.toggle();
  /** @type {HTMLElement} */ (currentTarget).setAttribute('aria-pressed', String(isOn));
  element('sound-text').textContent = isOn ? 'Ring tone on' : 'Ring tone off';
});

setInterval(drawTimers, 250);

/** @param {Stage} next */
function draw(next) {
  stage = next;
  say(next.hint);
  acts.dataset.act = next.act;
  markAct(next.act);
  agent.draw(next.agent);
  visitor.draw(next.visitor);
  announcement.hidden = next.announcement === undefined;
  announcementText.textContent = next.announcement ?? '';
  tone.setRinging(next.agent.mood === 'ringing' || next.visitor.mood === 'ringing');
  speakOnce(next);
  drawTimers();
}

/** @param {string} text */
function say(text) {
  if (hint.textContent !== text) hint.textContent = text;
}

/** @param {Act} act */
function markAct(act) {
  for (const item of acts.children) {
    if (/** @type {HTMLElement} */ (item).dataset.act === act) item.setAttribute('aria-current', 'step');
    else item.removeAttribute('aria-current');
  }
}

/** @param {Stage} next */
function speakOnce({ callId, announcement: text }) {
  if (text === undefined) return stopSpeaking();
  if (callId !== answeredHere || callId === spoken) return;
  spoken = callId;
  speak(text);
}

function drawTimers() {
  const since = stage?.talkingSince;
  const text = since === undefined ? undefined : toMinutes((stage?.talkedUntil ?? Date.now() + clockOffsetMs) - since);
  agent.drawTimer(text);
  visitor.drawTimer(text);
}

/** @param {number} ms */
function toMinutes(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/** @param {'agent' | 'visitor'} leg @param {'answer' | 'hang-up'} action */
function press(leg, action) {
  const callId = stage?.callId;
  if (callId === undefined) return;
  if (leg === 'agent' && action === 'answer') answeredHere = callId;
  // What came of it arrives with the events; a refusal only means that another window was quicker.
  fetch(`/demo/phones/${leg}/${action}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ callId }),
  }).catch(() => {});
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
