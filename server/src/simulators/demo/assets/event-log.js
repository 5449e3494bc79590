/** The list of what happened. Follows the newest line unless the reader has scrolled up. */

const timeFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 });

/** As many lines as the relay keeps. */
const MAX_LINES = 200;

/** A reader this close to the end is following. */
const FOLLOW_PX = 24;

/**
 * @typedef {{ id: number, at: number, who: 'page' | 'relay' | 'portal' | 'phone', text: string }} Happening
 * @param {{ box: HTMLElement, list: HTMLElement, empty: HTMLElement }} parts
 */
export function eventLog({ box, list, empty }) {
  /** @param {Happening[]} happenings */
  const append = (happenings) => {
    const isFollowing = box.scrollHeight - box.scrollTop - box.clientHeight < FOLLOW_PX;
    list.append(...happenings.map(drawLine));
    while (list.childElementCount > MAX_LINES) list.firstElementChild?.remove();
    empty.hidden = list.childElementCount > 0;
    if (isFollowing) box.scrollTop = box.scrollHeight;
  };
  return {
    /** @param {Happening} happening */
    add: (happening) => append([happening]),
    /**
     * Starts from a snapshot; busy meanwhile, so that a screen reader is not read the past.
     * @param {Happening[]} happenings
     */
    reset(happenings) {
      box.setAttribute('aria-busy', 'true');
      list.replaceChildren();
      append(happenings);
      box.scrollTop = box.scrollHeight;
      box.removeAttribute('aria-busy');
    },
  };
}

/** @param {Happening} happening */
function drawLine({ at, who, text }) {
  const time = document.createElement('time');
  time.dateTime = new Date(at).toISOString();
  time.textContent = timeFormat.format(at);
  const line = document.createElement('li');
  line.append(time, drawSpan('who', who), drawSpan('text', text));
  return line;
}

/** @param {string} className @param {string} text */
function drawSpan(className, text) {
  const span = document.createElement('span');
  span.className = className;
  span.textContent = text;
  return span;
}
