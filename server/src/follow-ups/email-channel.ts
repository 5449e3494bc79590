/**
 * Letters as plain-text mail. `Message-ID` comes from the letter's id, so that mailboxes which know repeats show a letter once,
 * however often it was sent.
 */
import type { Channel, ChannelFault, Delivery, Letter } from './channel.ts';
import type { Language } from './letter-texts.ts';
import type { Mail, MailFailure, MailOutcome, MailTransport } from './mail-transport.ts';
import { renderLetter } from './render-letter.ts';

export interface EmailChannelOptions {
  name: string;
  /** Plain addresses, as the configuration has checked them. */
  from: string;
  to: readonly string[];
  language: Language;
  transport: MailTransport;
}

export function emailChannel({ name, from, to, language, transport }: EmailChannelOptions): Channel {
  return {
    name,
    async deliver(letter) {
      const left = readLeft(letter.receipt);
      const recipients = left === undefined ? to : to.filter((address) => left.includes(address));
      if (recipients.length === 0) return { kind: 'delivered' };
      const mail = { messageId: messageIdOf(letter, from), from, to: recipients, ...renderLetter(letter, language) };
      return judge(await transport.send(mail), left !== undefined);
    },
    async verify() {
      const outcome = await transport.verify();
      return [
        outcome.kind === 'sent'
          ? { ok: true, code: 'mail_works', message: 'The mail server knows the relay.' }
          : { ok: false, code: FAULTS[outcome.reason].code, message: FAULTS[outcome.reason].message },
      ];
    },
  };
}

/** What an id may hold besides letters and digits is not for us to find out at a stranger's mail server. */
function messageIdOf({ id }: Letter, from: string): Mail['messageId'] {
  return `<ringback.${id.replaceAll(/[^A-Za-z0-9.-]+/g, '-')}@${from.slice(from.lastIndexOf('@') + 1)}>`;
}

/** `isRest`: the others have it already. */
function judge(outcome: MailOutcome, isRest: boolean): Delivery {
  switch (outcome.kind) {
    case 'sent':
      return { kind: 'delivered' };
    case 'sent_partly': {
      const fault = outcome.reason === 'recipient_refused' ? SOME_REFUSED : FAULTS[outcome.reason];
      return { kind: 'again', fault, receipt: writeLeft(outcome.refused), isPartial: true };
    }
    case 'failed':
      return isRest && outcome.reason === 'recipient_refused'
        ? { kind: 'again', fault: SOME_REFUSED, isPartial: true }
        : { kind: 'again', fault: FAULTS[outcome.reason] };
  }
}

/** Who has not got it yet, as it stands in the message's receipt. */
function writeLeft(recipients: readonly string[]): string {
  return `left:${recipients.join(',')}`;
}

function readLeft(receipt: string | undefined): readonly string[] | undefined {
  return receipt?.startsWith('left:') ? receipt.slice('left:'.length).split(',') : undefined;
}

const FAULTS: Readonly<Record<MailFailure, ChannelFault>> = {
  unreachable: passing('mail_unreachable', 'No connection to the mail server came about. Check its address, its port and the firewall.'),
  certificate: lasting(
    'mail_certificate',
    "The mail server's certificate was not accepted, or no safe connection could be agreed on. Port 465 wants smtps://, port 587 smtp://.",
  ),
  sign_in: lasting('mail_sign_in', 'The mail server does not accept the user name and the password.'),
  sender_refused: lasting('mail_sender_refused', 'The mail server does not take mail from this sender. Set one that the user may send as.'),
  recipient_refused: lasting('mail_recipient_refused', 'The mail server takes mail for none of the recipients. Check their addresses.'),
  refused: lasting('mail_refused', 'The mail server refuses the mail. Look into its log for the reason.'),
  busy: passing('mail_busy', 'The mail server asks to come back later.'),
  too_late: passing('mail_too_late', 'The mail server did not answer in time.'),
};

const SOME_REFUSED = lasting(
  'mail_some_refused',
  'The mail server takes mail for some of the recipients and not for others. `ringback messages` shows for whom. Check their addresses.',
);

function passing(code: string, message: string): ChannelFault {
  return { code, message, configuration: false };
}

function lasting(code: string, message: string): ChannelFault {
  return { code, message, configuration: true };
}
