/** Mail by SMTP, with the library that Node relays use. TLS is wanted wherever the server is not this machine itself. */
import { createTransport } from 'nodemailer';
import type { MailFailure, MailOutcome, MailTransport } from '../follow-ups/mail-transport.ts';

/** Every phase has an end of its own; together they stay below the time that a delivery may take. */
const LIMITS = { dnsTimeout: 10_000, connectionTimeout: 15_000, greetingTimeout: 15_000, socketTimeout: 20_000 } as const;

export function nodeMail(server: { reveal(): string }): MailTransport {
  const { protocol, hostname, port, username, password } = new URL(server.reveal());
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    ...LIMITS,
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? (secure ? 465 : 587) : Number(port),
    secure,
    requireTLS: !secure && !isLoopback(hostname),
    ...(username !== '' && { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    send: ({ messageId, from, to, subject, text }) =>
      outcomeOf(async () => {
        const sent = await transport.sendMail({
          messageId,
          from,
          to: [...to],
          subject,
          text,
          // Asks holiday notes and the like not to answer (RFC 3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return judgeSent(sent, to);
      }),
    verify: () =>
      outcomeOf(async () => {
        await transport.verify();
        return SENT;
      }),
  };
}

const SENT = { kind: 'sent' } as const;

async function outcomeOf<T extends MailOutcome>(work: () => Promise<T>): Promise<T | { kind: 'failed'; reason: MailFailure }> {
  try {
    return await work();
  } catch (error) {
    // The error holds the server's words, which may repeat an address or more: it is judged and dropped.
    return { kind: 'failed', reason: judge(error) };
  }
}

/** The library calls a mail sent that one recipient was accepted for. */
function judgeSent(sent: { rejected: readonly unknown[]; rejectedErrors?: unknown }, to: readonly string[]): MailOutcome {
  const refused = to.filter((address) => sent.rejected.includes(address));
  if (refused.length === 0) return SENT;
  const errors: unknown[] = Array.isArray(sent.rejectedErrors) ? sent.rejectedErrors : [];
  const isForNow = errors.length > 0 && errors.every((error) => judge(error) === 'busy');
  return { kind: 'sent_partly', refused, reason: isForNow ? 'busy' : 'recipient_refused' };
}

function judge(error: unknown): MailFailure {
  if (!(error instanceof Error)) return 'unreachable';
  const { code, originalCode, command, responseCode } = error as Partial<
    Record<'code' | 'originalCode' | 'command' | 'responseCode', unknown>
  >;
  if (code === 'EAUTH' || code === 'ENOAUTH') return typeof responseCode === 'number' && responseCode < 500 ? 'busy' : 'sign_in';
  if (typeof responseCode === 'number' && responseCode >= 400) {
    if (responseCode < 500) return 'busy';
    if (command === 'MAIL FROM') return 'sender_refused';
    return command === 'RCPT TO' || code === 'EENVELOPE' ? 'recipient_refused' : 'refused';
  }
  if (code === 'ETIMEDOUT') return 'too_late';
  return code === 'ETLS' || CERTIFICATE.test(String(originalCode)) ? 'certificate' : 'unreachable';
}

/** How Node calls what is wrong with a certificate, and what OpenSSL says of a server that speaks no TLS at all. */
const CERTIFICATE = /CERT|^ERR_TLS|^ERR_SSL|^UNABLE_TO|^EPROTO$/;

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
