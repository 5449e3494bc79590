import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Secret } from '../config/secret.ts';
import { nodeMail } from '../platforms/node-mail.ts';
import { exampleLead } from '../simulators/example-letter.ts';
import { type MailServer, mailServer } from '../simulators/mail-server.ts';
import { channelSuite } from './channel.suite.ts';
import type { Lead } from './channel.ts';
import { emailChannel } from './email-channel.ts';
import type { Mail } from './mail-transport.ts';

const PASSWORD = 'canary-mail-password';

function channelTo({ url }: Pick<MailServer, 'url'>) {
  const transport = nodeMail(new Secret(url));
  return emailChannel({
    name: 'mail',
    from: 'callback@example.com',
    to: ['sales@example.com', 'boss@example.com'],
    language: 'en',
    transport,
  });
}

/** A mailbox shows a Message-ID once. */
function seenBy({ received }: MailServer): string[] {
  return [...new Map(received.map(({ raw }) => [headerOf(raw, 'Message-ID'), textOf(raw)])).values()];
}

function headerOf(raw: string, name: string): string | undefined {
  return new RegExp(`^${name}: (.*)$`, 'im').exec(raw)?.[1]?.trim();
}

function textOf(raw: string): string {
  const body = raw.slice(raw.indexOf('\r\n\r\n') + 4);
  if (headerOf(raw, 'Content-Transfer-Encoding') === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  const joined = body.replaceAll('=\r\n', '');
  return Buffer.from(
    joined.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8');
}

channelSuite('email', async () => {
  const server = await mailServer(PASSWORD);
  return {
    channel: channelTo(server),
    seen: () => seenBy(server),
    fail() {
      server.mood = 'later';
    },
    recover() {
      server.mood = 'takes';
    },
    // A mail that was taken is sent once more: the mailbox tells.
    loseAnswer: () => {},
    vanish: () => server.close(),
    secrets: [PASSWORD, server.url],
    close: () => server.close(),
  };
});

test('a mail goes to all recipients, names itself automatic, and has no number in its subject', async () => {
  const server = await mailServer();
  await channelTo(server).deliver(exampleLead());
  const [mail] = server.received;
  expect(mail).toMatchObject({ from: 'callback@example.com', to: ['sales@example.com', 'boss@example.com'] });
  const raw = mail?.raw ?? '';
  expect(headerOf(raw, 'Message-ID')).toBe('<ringback.call-0123456789abcdef.channel@example.com>');
  expect(headerOf(raw, 'Auto-Submitted')).toBe('auto-generated');
  expect(headerOf(raw, 'Subject')).toBe('Please call back: a request on Oak & Ash');
  await server.close();
});

test('what the server says no to is told apart', async () => {
  const server = await mailServer(PASSWORD);
  const wrong = channelTo({ url: server.url.replace(PASSWORD, 'wrong') });
  expect(await wrong.deliver(exampleLead())).toMatchObject({ kind: 'again', fault: { code: 'mail_sign_in', configuration: true } });
  expect(await wrong.verify()).toMatchObject([{ ok: false, code: 'mail_sign_in' }]);
  expect(await channelTo(server).verify()).toMatchObject([{ ok: true }]);
  server.mood = 'never';
  expect(await channelTo(server).deliver(exampleLead())).toMatchObject({ fault: { code: 'mail_recipient_refused', configuration: true } });
  server.mood = 'later';
  expect(await channelTo(server).deliver(exampleLead())).toMatchObject({ fault: { code: 'mail_busy', configuration: false } });
  await server.close();
});

test('a recipient who is refused shows, is tried again, and the others have the mail once', async () => {
  const server = await mailServer(PASSWORD);
  server.strangers.add('boss@example.com');
  const channel = channelTo(server);
  const first = await channel.deliver(exampleLead());
  expect(first).toMatchObject({ kind: 'again', isPartial: true, fault: { code: 'mail_some_refused', configuration: true } });
  const receipt = first.kind === 'again' ? first.receipt : undefined;
  expect(await channel.deliver(exampleLead({ receipt }))).toMatchObject({
    kind: 'again',
    isPartial: true,
    fault: { code: 'mail_some_refused' },
  });
  server.strangers.clear();
  server.mood = 'later';
  expect(await channel.deliver(exampleLead({ receipt }))).toMatchObject({ kind: 'again', fault: { code: 'mail_busy' } });
  server.mood = 'takes';
  expect(await channel.deliver(exampleLead({ receipt }))).toEqual({ kind: 'delivered' });
  expect(server.received.map(({ to }) => to)).toEqual([['sales@example.com'], ['boss@example.com']]);
  // Taken out of the configuration meanwhile: nobody waits for it any more.
  expect(await channel.deliver(exampleLead({ receipt: 'left:gone@example.com' }))).toEqual({ kind: 'delivered' });
  expect(server.received).toHaveLength(2);
  await server.close();
});

test('a server that cannot speak TLS, or shows a certificate that nobody vouches for, is told apart from one that is not there', async () => {
  const server = await mailServer();
  const { port } = new URL(server.url);
  expect(await channelTo({ url: server.url.replace('smtp:', 'smtps:') }).verify()).toMatchObject([{ ok: false, code: 'mail_certificate' }]);
  // Not by its loopback name: so the connection has to become safe before anything is said.
  expect(await channelTo({ url: `smtp://0.0.0.0:${port}` }).verify()).toMatchObject([{ ok: false, code: 'mail_certificate' }]);
  await server.close();
  expect(await channelTo(server).verify()).toMatchObject([{ ok: false, code: 'mail_unreachable' }]);
});

test('whatever a visitor or a page wrote, it adds no header and no line to the mail', async () => {
  const mails: Mail[] = [];
  const transport = {
    send: async (mail: Mail) => {
      mails.push(mail);
      return { kind: 'sent' } as const;
    },
    verify: async () => ({ kind: 'sent' }) as const,
  };
  const channel = emailChannel({ name: 'mail', from: 'a@example.com', to: ['b@example.com'], language: 'ru', transport });
  const nasty = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('x\r\nBcc: evil@example.com', 'x\u2028y', '\u202Egro.elpmaxe'));
  await fc.assert(
    fc.asyncProperty(nasty, nasty, nasty, async (name, title, siteName) => {
      const plainLead = exampleLead();
      const lead: Lead = { ...plainLead, name, page: { title, url: 'https://x.example' }, site: { ...plainLead.site, name: siteName } };
      await channel.deliver(lead);
      const mail = mails.pop();
      expect(mail?.subject).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E]/u);
      expect(mail?.text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u2028\u2029\u202A-\u202E]/u);
      expect(mail?.text.split('\n').length).toBeLessThan(16);
      expect(mail?.messageId).toMatch(/^<[A-Za-z0-9.-]+@example\.com>$/);
    }),
    { numRuns: 200 },
  );
});
