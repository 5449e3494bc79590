import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillAnnouncement } from './announcement.ts';

describe('the gap for a name', () => {
  test.each([
    ['A visitor asks to be called.', 'Anna', 'A visitor asks to be called.'],
    ['{name} asks to be called.', 'Anna Petrova', 'Anna Petrova asks to be called.'],
    ['{name}, again {name}.', "O'Brien", "O'Brien, again O'Brien."],
    ['Client {name}, from the site.', undefined, 'Client, from the site.'],
    ['Call from {name}.', undefined, 'Call from.'],
    ['{name}, a visitor, asks.', undefined, 'a visitor, asks.'],
    ['A visitor ({name}) asks.', undefined, 'A visitor asks.'],
    ['A visitor, {name}, asks.', undefined, 'A visitor, asks.'],
    ['Посетитель «{name}» просит перезвонить.', undefined, 'Посетитель просит перезвонить.'],
    ['A visitor asks: {name}', undefined, 'A visitor asks:'],
    ['{name}', undefined, ''],
    ['Leave {Name} alone', 'Anna', 'Leave Name alone'],
    ['$& {name} $1', "$'", "$& $' $1"],
    ['5 $ off today', undefined, '5 $ off today'],
  ])('%j with %j is %j', (template, name, spoken) => {
    expect(fillAnnouncement(template, name)).toBe(spoken);
  });
});

/** What a provider or a speech engine might take for a command, and ways to put one together out of pieces. */
// biome-ignore format: a list to glance over
const ATTACKS = [
  '$cv(NAME)', '$CV(NAME)', '$Cv(x)', '$$cv(x)', '$$$$cv(', '$<cv(x)', '$\u202Ecv(x)', '$c\u200Dv(x)', '$\u0000cv(', '$c$cv(v(',
  '$cv$cv((', '$cv$$cv(', '$\uFEFFcv(', '$\u00ADcv(', '$<$cv(', '\u0024{cv(', '$}cv(', '$c<v(', '$cv<(', '$cv\u2066(', '$\uD800cv(',
  '$\u{E0001}cv(', '@{ext}', '@@{x}', '@<{x}', '@\u202E{x}', '@{@{x}}', '@\u200D{', '@\uFEFF{', '@}{', '@\u0000{', '@\n{', '@{name}',
  '@{{name}}', '<speak>', '<break time="10s"/>', '<audio src="https://evil.example/a.mp3"/>', '</speak><speak>', '<<b>>', '<!--',
  '<![CDATA[', '<\u202Eb>', '<?xml?>', '<prosody rate="x-slow">', '<say-as interpret-as="digits">', '<sub alias="x">',
  '<phoneme ph="x">', '<p', 'a<b', '\u202E<', 'a\r\nb', 'a\nb', 'a\rb', 'a\u2028b', 'a\u2029b', 'a\u0085b', 'a\u000Bb', 'a\u000Cb',
  'a\u0000b', '\u001b[31m', '\u009b31m', '\u0007', '\u202Aa', '\u202Ba', '\u202Ca', '\u202Da', '\u202Ea', '\u2066a', '\u2067a',
  '\u2068a', '\u2069a', '\u200Ea', '\u200Fa', '\u061Ca', '{name}{name}', '{na{name}me}', '\u0024{name}', '$cv({name})', '@{{name}',
  '{name}$cv(', '\r\n\r\nHTTP/1.1 200 OK', '%0d%0a', '\\r\\n',
];

const FORBIDDEN = /\$cv\(|@\{|[<>\p{Cc}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/iu;

describe('nothing that anybody could read as a command is spoken', () => {
  test.each(ATTACKS.map((attack) => [attack]))('%j', (attack) => {
    expect(ATTACKS.length).toBeGreaterThanOrEqual(60);
    for (const spoken of [
      fillAnnouncement(attack, undefined),
      fillAnnouncement(attack, attack),
      fillAnnouncement('A visitor, {name}, asks.', attack),
      fillAnnouncement(`A {name} ${attack}`, undefined),
      fillAnnouncement(`${attack}{name}${attack}`, attack),
    ]) {
      expect(spoken).not.toMatch(FORBIDDEN);
    }
  });

  test.each([
    ['$', 'cv(x)', '\u0024{name}'],
    ['$c', 'v(x)', '$c{name}'],
    ['$cv', '(x)', '$cv{name}'],
    ['@', '{x}', '@{name}'],
  ])('%s of the template and %s of the name do not meet', (_, name, template) => {
    expect(fillAnnouncement(template, name)).not.toMatch(FORBIDDEN);
  });

  test('whatever template and name are', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        '{name}',
        '$',
        'cv',
        '(',
        '@',
        '{',
        '}',
        '<',
        '>',
        '\r',
        '\n',
        '\u202E',
        '\u200F',
        '\u0000',
        ' ',
        ',',
        '«',
        '»',
        'C',
        'V',
      ),
      fc.constantFrom(...ATTACKS),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (template, name) => {
        expect(fillAnnouncement(template, name)).not.toMatch(FORBIDDEN);
      }),
      { numRuns: 5_000 },
    );
  });
});
