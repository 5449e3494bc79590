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
    deliver: async (letter) =>
      judge(await transport.send({ messageId: messageIdOf(letter, from), from, to, ...renderLetter(letter, language) })),
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

function judge(outcome: MailOutcome): Delivery {
  return outcome.kind === 'sent' ? { kind: 'delivered' } : { kind: 'again', fault: FAULTS[outcome.reason] };
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

function passing(code: string, message: string): ChannelFault {
  return { code, message, configuration: false };
}

function lasting(code: string, message: string): ChannelFault {
  return { code, message, configuration: true };
}
