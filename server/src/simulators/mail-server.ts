/** An SMTP server on a loopback port of Node that keeps what it is given, and misbehaves on demand. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** `later`: 451 to every mail. `never`: 550 to every recipient. `hang`: no answer to a mail. */
export type MailMood = 'takes' | 'later' | 'never' | 'hang';

export interface ReceivedMail {
  from: string;
  to: readonly string[];
  /** Headers and text as they came. */
  raw: string;
}

export interface MailServer {
  /** With the user and the password that it knows. */
  readonly url: string;
  readonly received: readonly ReceivedMail[];
  mood: MailMood;
  /** Recipients that it does not know, 550 to each of them. */
  readonly strangers: Set<string>;
  close(): Promise<void>;
}

const USER = 'relay';

export async function mailServer(password = 'mail-password'): Promise<MailServer> {
  const received: ReceivedMail[] = [];
  const strangers = new Set<string>();
  let mood: MailMood = 'takes';
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    closeTimeout: 10,
    onAuth: (auth, _session, done) =>
      auth.username === USER && auth.password === password ? done(null, { user: USER }) : done(new Error('Invalid user name or password')),
    onRcptTo: ({ address }, _session, done) => (mood === 'never' || strangers.has(address) ? done(refusal(550, 'No such user')) : done()),
    async onData(stream, session, done) {
      let raw = '';
      for await (const chunk of stream) raw += String(chunk);
      if (mood === 'hang') return;
      if (mood === 'later') return void done(refusal(451, 'Come back later'));
      const { mailFrom, rcptTo } = session.envelope;
      received.push({ from: mailFrom === false ? '' : mailFrom.address, to: rcptTo.map(({ address }) => address), raw });
      done();
    },
  });
  server.on('error', () => {});
  const listening = await new Promise<AddressInfo>((resolve) => {
    const { server: socket } = server;
    server.listen(0, '127.0.0.1', () => resolve(socket.address() as AddressInfo));
  });

  return {
    url: `smtp://${USER}:${encodeURIComponent(password)}@127.0.0.1:${listening.port}`,
    received,
    strangers,
    get mood() {
      return mood;
    },
    set mood(next) {
      mood = next;
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function refusal(responseCode: number, text: string): Error {
  return Object.assign(new Error(text), { responseCode });
}
