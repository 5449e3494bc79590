// Looks for values that may be seen nowhere: as they are, respelt and encoded. Plain JavaScript, as .ci/watch-output.mjs needs it unbuilt.

/** What may stand between the digits of a number that is set apart for reading. */
const GAP = String.raw`(?:[\s()./\u00c2\u2010\u2011-]|&nbsp;|&#160;|%20|\\u00a0){0,4}`;
const LONGEST_GAP = 4 * '&nbsp;'.length;

/** Made once for a set of marks: everything is compiled here. */
export function searchMarks(marks) {
  const patterns = Object.entries(marks).map(([name, mark]) => [name, patternOf(mark)]);
  const reach = Math.max(0, ...Object.values(marks).map(reachOf));

  const find = (text) => patterns.filter(([, pattern]) => pattern.test(text)).map(([name]) => name);

  return {
    find,
    watch() {
      const seen = new Set();
      let tail = '';
      return {
        take(chunk) {
          const joined = tail + chunk;
          for (const [name, pattern] of patterns) if (!seen.has(name) && pattern.test(joined)) seen.add(name);
          tail = joined.slice(-reach);
        },
        found: () => [...seen],
      };
    },
  };
}

function patternOf(mark) {
  const spelt = [...new Set(spellingsOf(mark))].map(literally);
  const apart = isDigits(mark) ? [[...mark].join(GAP)] : [];
  return new RegExp([...apart, ...spelt].join('|'));
}

/** So many characters can the longest spelling of it have. */
function reachOf(mark) {
  const apart = isDigits(mark) ? mark.length * (1 + LONGEST_GAP) : 0;
  return Math.max(apart, ...spellingsOf(mark).map(({ length }) => length));
}

function spellingsOf(mark) {
  const bytes = Buffer.from(mark);
  const hex = bytes.toString('hex');
  const encoded = [encodeURIComponent(mark), encodeURIComponent(encodeURIComponent(mark)), mark.replaceAll(' ', '+')];
  return [mark, ...encoded, hex, hex.toUpperCase(), bytes.toString('utf16le'), ...base64Of(bytes)];
}

/** At any place of a longer text: without the characters that its neighbours would change. */
function base64Of(bytes) {
  return [0, 1, 2].flatMap((shift) => {
    const padded = Buffer.concat([Buffer.alloc(shift), bytes]);
    return ['base64', 'base64url'].map((encoding) => {
      const text = padded.toString(encoding).replace(/=+$/, '');
      return text.slice(shift === 0 ? 0 : shift + 1, padded.length % 3 === 0 ? undefined : -1);
    });
  });
}

const isDigits = (mark) => /^\d+$/.test(mark);
const literally = (text) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
