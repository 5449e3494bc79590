/** Draws one telephone as the relay describes it, and sends what its keys are pressed for. */

/**
 * @typedef {{ mood: 'quiet' | 'ringing' | 'live', title: string, status: string, canAnswer: boolean, ending?: 'decline' | 'hang_up' }} PhoneView
 * @typedef {{ onPress: (action: 'answer' | 'hang-up') => void }} PhoneOptions
 * @param {HTMLElement} root @param {PhoneOptions} options
 */
export function phone(root, { onPress }) {
  const name = root.id === 'agent' ? 'Agent' : 'Visitor';
  const answerKey = /** @type {HTMLButtonElement} */ (root.querySelector('.answer'));
  const endKey = /** @type {HTMLButtonElement} */ (root.querySelector('.end'));
  const timer = /** @type {HTMLElement} */ (root.querySelector('.timer'));
  answerKey.addEventListener('click', () => onPress('answer'));
  endKey.addEventListener('click', () => onPress('hang-up'));

  return {
    /** @param {PhoneView} view */
    draw(view) {
      root.dataset.mood = view.mood;
      setText(root, '.title', view.title);
      setText(root, '.status', view.status);
      const ending = view.ending === 'hang_up' ? 'Hang up' : 'Decline';
      setText(endKey, '.key-text', ending);
      endKey.setAttribute('aria-label', `${name}: ${ending.toLowerCase()}`);
      const hadFocus = document.activeElement === answerKey || document.activeElement === endKey;
      endKey.disabled = view.ending === undefined;
      answerKey.disabled = !view.canAnswer;
      // A key that goes dark under the finger hands the keyboard on to the one that still works, or to the telephone itself.
      if (hadFocus && document.activeElement?.matches(':enabled') !== true) (endKey.disabled ? root : endKey).focus();
    },
    /** @param {string | undefined} text */
    drawTimer(text) {
      timer.hidden = text === undefined;
      timer.textContent = text ?? '';
    },
  };
}

/** @param {HTMLElement} root @param {string} selector @param {string} text */
function setText(root, selector, text) {
  const element = root.querySelector(selector);
  if (element && element.textContent !== text) element.textContent = text;
}
