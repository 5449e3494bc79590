/** Who takes a mail to its server: the platform, where it has sockets. */

export interface Mail {
  /** `<left@right>`, RFC 5322. */
  messageId: string;
  from: string;
  to: readonly string[];
  /** One line. */
  subject: string;
  text: string;
}

export type MailOutcome =
  | { kind: 'sent' }
  /** The others have it. */
  | { kind: 'sent_partly'; refused: readonly string[]; reason: MailFailure }
  /** `reason`: what stood in the way, told from how the library and the server put it. */
  | { kind: 'failed'; reason: MailFailure };

export type MailFailure =
  | 'unreachable'
  | 'certificate'
  | 'sign_in'
  | 'sender_refused'
  | 'recipient_refused'
  | 'refused'
  | 'busy'
  | 'too_late';

export interface MailTransport {
  /** Never throws, and keeps nothing of what the server said but its kind. */
  send(mail: Mail): Promise<MailOutcome>;
  /** Signs in and out again. */
  verify(): Promise<Exclude<MailOutcome, { kind: 'sent_partly' }>>;
}

/** `server`: `smtp(s)://user:password@host:port`. */
export type MakeMailTransport = (server: { reveal(): string }) => MailTransport;
