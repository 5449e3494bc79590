import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanAddress, cleanLine, cleanName, cleanWords } from './clean-text.ts';

/** Everything that may never travel, whatever it is part of. */
const HARMFUL = /[<>&$@{}()\p{Nd}\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe('a name', () => {
  test.each([
    'Anna',
    'Anna Petrova',
    'Анна Петрова',
    'Jean-Luc Picard',
    "Siobhán O'Brien",
    "'t Hooft",
    'J. R. R. Tolkien',
    'K.-H. Müller',
    'Łukasz Żółć',
    '李小龍',
    '山田 太郎',
    'محمد علي',
    'अनुराधा शर्मा',
    'Nguyễn Thị Minh Khai',
    'María José de',
    'Ö',
  ])('%s stays', (name) => {
    expect(cleanName(name)).toBe(name.normalize('NFKC'));
  });

  test.each([
    ['  Anna   Petrova ', 'Anna Petrova'],
    ['O’Brien', "O'Brien"],
    ['Jean‐Luc', 'Jean-Luc'],
    ['Ａｎｎａ', 'Anna'],
    ['Cafe\u0301', 'Café'],
    ['محمد\u200Cعلی', 'محمدعلی'],
    ['श्रीमान\u200Dजी', 'श्रीमानजी'],
    ['葛\u{E0100}城', '葛城'],
    ['Anna\uFE0F', 'Anna'],
  ])('%j is written %s', (typed, name) => {
    expect(cleanName(typed)).toBe(name);
  });

  test.each([
    ['nothing', ''],
    ['spaces', '   '],
    ['a number', 'Anna 2'],
    ['digits of another script', 'Anna ٣'],
    ['markup', '<b>Anna</b>'],
    ['SSML', '<break time="10s"/>'],
    ['markup in full-width characters', '＜audio src=x＞'],
    ['a variable of a provider', '$cv(NAME)'],
    ['an extension of a provider', '@{ext}'],
    ['full-width variable', '＄ｃｖ（ＮＡＭＥ）'],
    ['an entity', '&lt;'],
    ['an address', 'anna@example.com'],
    ['a web address', 'www.evil.example'],
    ['a domain', 'evil.com'],
    ['a path', '../../etc/passwd'],
    ['SQL', "'; DROP TABLE calls; --"],
    ['a comment', "Anna' --"],
    ['a line break', 'Anna\r\nX-Header: 1'],
    ['a lone line feed', 'Anna\nPetrova'],
    ['a tab', 'Anna\tPetrova'],
    ['NUL', 'Anna\0'],
    ['a terminal colour', '\u001b[31mAnna'],
    ['a bidi override', 'Anna\u202Eavort'],
    ['a bidi isolate', '\u2066Anna\u2069'],
    ['a right-to-left mark', 'Anna\u200F'],
    ['an Arabic letter mark', '\u061CAnna'],
    ['a byte-order mark', '\uFEFFAn\uFEFFna'],
    ['tag characters', 'Anna\u{E0041}'],
    ['half a pair', 'Anna\uD83D'],
    ['a picture', 'Anna 🎉'],
    ['a line separator', 'Anna\u2028Petrova'],
    ['a filler that counts as a letter', '\u3164'],
    ['fillers and spaces', '\u3164\u3164 \u3164'],
    ['halves of a filler', '\u115F\u1160'],
    ['a narrow filler', '\uFFA0'],
    ['a joiner of graphemes alone', '\u034F'],
    ['a joiner of graphemes', 'A\u034F\u0301nna'],
    ['vowels that nobody sees', 'A\u17B4nna'],
    ['selectors alone', '\uFE0F\u{E0100}'],
    ['piled-up marks', `A${'\u0335'.repeat(12)}nna`],
    ['a mark alone', '\u0301'],
    ['five words', 'call this number right away'],
    ['41 letters', 'a'.repeat(41)],
    ['a megabyte', 'a'.repeat(1_000_000)],
    ['a ligature that unfolds past the limit', 'ﷺ'.repeat(4)],
    ['punctuation alone', '---'],
    ['a formula', '=HYPERLINK'],
  ])('%s is dropped', (_, typed) => {
    expect(cleanName(typed)).toBeUndefined();
  });

  test('a joiner between a letter and its mark leaves one character', () => {
    expect(cleanName('Anna\u200C\u0301')).toBe('Ann\u00E1');
  });

  test('is harmless or nothing, and clean already when it comes again', () => {
    const pieces = fc.constantFrom(
      'Anna',
      'O’Brien',
      ' ',
      '-',
      "'",
      '.',
      '\u200C',
      '\u202E',
      '\u3164',
      '\u034F',
      '\uFE0F',
      '$cv(',
      '@{',
      '<',
      'é',
      '\u0301',
      'Я',
      '7',
      '\r\n',
    );
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(typed, (raw) => {
        const name = cleanName(raw);
        if (name === undefined) return;
        expect(name).not.toMatch(HARMFUL);
        expect(name.length).toBeLessThanOrEqual(40);
        expect(name.split(' ').length).toBeLessThanOrEqual(4);
        expect(cleanName(name)).toBe(name);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a line', () => {
  test.each([
    ['Doors & windows — 10 % off', 'Doors & windows — 10 % off'],
    ['  two\r\n lines\tand\u2028more ', 'two lines and more'],
    ['\u001b[31mred\u001b[0m and \u009b1mbold', 'red and bold'],
    ['\u001b]0;new title\u0007shown', 'shown'],
    ['\u001b]8;;https://evil.example\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u001bPpayload\u001b\\rest', 'rest'],
    ['\u001bcreset', 'reset'],
    ['price\u202Egnp.exe', 'pricegnp.exe'],
    ['\u2067mirror\u2069', 'mirror'],
    ['a\0b', 'a b'],
    ['half \uD83D of it', 'half of it'],
    ['a\u3164filler\u034F', 'afiller'],
    ['می\u200Cخواهم', 'می\u200Cخواهم'],
    ['', ''],
    ['\u202E', ''],
  ])('%j becomes %j', (raw, line) => {
    expect(cleanLine(raw, 100)).toBe(line);
  });

  test('is cut between characters', () => {
    expect(cleanLine('abcdef', 3)).toBe('abc');
    expect(cleanLine('ab🎉', 3)).toBe('ab');
    expect(cleanLine('ab cd', 3)).toBe('ab');
  });

  test('never breaks, turns around or grows', () => {
    const piece = fc.constantFrom('\u001b', '\u001b[', '\u009b', '\u001b]', '31m', '\u0007', '\u202E', '\n', 'a', '🎉', '\uD800');
    const raw = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(piece).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(raw, fc.nat(60), (text, max) => {
        const line = cleanLine(text, max);
        expect(line).not.toMatch(/[\p{Cc}\p{Cs}\p{Co}\p{Zl}\p{Zp}\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u);
        expect(line.length).toBeLessThanOrEqual(max);
        expect(cleanLine(line, max)).toBe(line);
      }),
      { numRuns: 3_000 },
    );
  });

  test('a megabyte of anything is a matter of milliseconds', () => {
    for (const piece of ['\u001b[', '\u001b]', '\u009b0', ' ', '\u202E']) {
      const start = performance.now();
      cleanLine(piece.repeat(500_000), 200);
      expect(performance.now() - start, JSON.stringify(piece)).toBeLessThan(50);
    }
  });
});

describe('words of a page', () => {
  test.each(['Doors & windows — 10 % off', 'Chairs [SALE] from $100 (new)', 'می\u200Cخواهم', 'US$ (EUR on request)', 'a@b'])(
    '%s stays',
    (words) => {
      expect(cleanWords(words, 100)).toBe(words);
    },
  );

  test.each([
    ['', 'nothing'],
    ['\u202E', 'nothing that is seen'],
    ['$cv(SECRET)', 'a variable of a provider'],
    ['call $ CV (SECRET)', 'the same, spelt wider'],
    ['$\u200Ccv(SECRET)', 'the same, with a joiner'],
    ['$\u202Ecv\uFEFF(SECRET)', 'the same, with what is removed'],
    ['＄ｃｖ（SECRET）', 'the same in full width'],
    ['@{ext}', 'an extension of a provider'],
    ['@\u2060{ext}', 'the same, with what is removed'],
    ['<speak>hello</speak>', 'SSML'],
    ['＜break time="9s"/＞', 'SSML in full width'],
    ['<\u0000img src=x>', 'markup'],
  ])('%j is dropped: %s', (words) => {
    expect(cleanWords(words, 100)).toBeUndefined();
  });
});

describe('the address of a page', () => {
  test.each([
    ['https://shop.example/chairs?size=2#red', 'https://shop.example/chairs?size=2#red'],
    ['https://shop.example', 'https://shop.example/'],
    ['http://[::1]:8080/a', 'http://[::1]:8080/a'],
    ['android-app://com.example.mail/', 'android-app://com.example.mail/'],
    ['https://bücher.example/straße', 'https://xn--bcher-kva.example/stra%C3%9Fe'],
    ['https://shop.example/$cv(SECRET)', 'https://shop.example/%24cv(SECRET)'],
    ['https://shop.example/?a=@{ext}#@{ext}', 'https://shop.example/?a=@%7Bext%7D#@%7Bext%7D'],
    ['https://shop.example/?q=<speak>[url=https://evil]', 'https://shop.example/?q=%3Cspeak%3E%5Burl=https://evil%5D'],
    ['https://shop.example/a\r\nX-Header: 1', 'https://shop.example/aX-Header:%201'],
    ['https://shop.example/\u202Egnp.exe', 'https://shop.example/%E2%80%AEgnp.exe'],
    ['https://user:password@shop.example/', 'https://shop.example/'],
  ])('%j is written %s, and stays so', (typed, address) => {
    expect(cleanAddress(typed, 200)).toBe(address);
    expect(cleanAddress(address, 200)).toBe(address);
  });

  test.each([
    '',
    'chairs',
    '/chairs',
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'https://$cv(SECRET)/',
    'https://a{b}/',
  ])('%j is dropped', (typed) => {
    expect(cleanAddress(typed, 200)).toBeUndefined();
  });

  test('is not cut inside a character', () => {
    for (let max = 21; max < 40; max++)
      expect(cleanAddress('https://shop.example/ß{}{}ß', max)).toMatch(/^https:\/\/shop\.example\/(?:%[\dA-F]{2})*$/);
  });

  test('is plain, whatever it was', () => {
    const typed = fc.tuple(fc.constantFrom('', 'https://', 'https://a.example/', 'android-app://x'), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(typed, ([start, rest]) => {
        const address = cleanAddress(start + rest, 100);
        if (address !== undefined) expect(address).toMatch(/^[!-~]{1,100}$/);
        if (address !== undefined)
          expect(
            address
              .slice(address.indexOf('/') + 2)
              .split('/')
              .slice(1)
              .join('/'),
          ).not.toMatch(/[<>{}[\]$"]/);
      }),
      { numRuns: 3_000 },
    );
  });
});
