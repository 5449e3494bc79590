/**
 * Every sentence of the form. A language file has the same keys; `{…}` is filled in. A scene's title is its name, its explanation
 * the name with `_text`; the relay's problems stand under their codes. No sentence says more than is known.
 */
export const en = {
  title: 'We call you back',
  lead: 'Leave your number. Our team’s phone rings first, then yours.',
  promise: 'We call within {time}.',
  phone: 'Your phone number',
  country: 'Country',
  name: 'Your name (optional)',
  send: 'Call me back',
  sending: 'Sending…',
  close: 'Close',
  more: 'More',

  empty: 'Please enter your phone number.',
  too_short: 'This number is too short for {country}.',
  too_long: 'This number is too long for {country}.',
  unreadable: 'This is not a phone number of {country}.',
  elsewhere: 'We cannot call numbers of {country}.',
  number_invalid: 'This number cannot be called. Please check it.',
  number_mismatch: 'Please enter the number with + and country code.',
  consent_required: 'Please agree first.',

  waiting: 'Request received',
  waiting_text: 'Keep your phone close.',
  doubtful: 'Not confirmed',
  doubtful_text: 'We could not confirm that the call was started. If your phone does not ring within a minute, try again or call us.',
  calling: 'We have started calling',
  calling_text: 'Our team’s phone rings first, then yours.',
  agent_ringing: 'Ringing our team',
  agent_answered: 'Our team has answered',
  visitor_ringing: 'Your phone is ringing',
  visitor_next: 'Your phone rings',
  talking: 'You are talking',
  talking_text: 'You can close this window.',
  unheard: 'No connection. We keep trying.',
  too_late: 'Too late to cancel: the call has been started.',
  not_cancelled: 'Not cancelled: no connection. Please try again.',

  done: 'The call has ended',
  done_text: 'There will be no further call for this request.',
  missed: 'No answer',
  missed_text: 'One of the two phones was not answered. There will be no further call for this request.',
  failed: 'The call failed',
  failed_text: 'We could not put you through. There will be no further call for this request.',
  cancelled: 'Cancelled',
  cancelled_text: 'There will be no call for this request.',

  number_refused: 'We cannot call this number',
  number_refused_text: 'Nothing was dialled and the number was not stored.',
  rate_limited: 'Too many requests',
  rate_limited_text: 'Nothing was dialled and the number was not stored. Please try again in {time}.',
  closed: 'We are closed right now',
  closed_text: 'Nothing was dialled.',
  closed_until: 'We are here again: {time}.',
  unavailable: 'No calls right now',
  unavailable_text: 'Nothing was dialled and the number was not stored. Please try again later.',
  offline: 'You are offline',
  unreachable: 'No connection',
  unreachable_text: 'We do not know whether your request arrived. Trying again never makes a second call.',

  cancel: 'Cancel the call',
  again: 'Try again',
  change: 'Use another number',
  anew: 'Ask for another call',
  call_us: 'Call us: {phone}',
} as const;

export type TextKey = keyof typeof en;
export type Texts = Readonly<Record<TextKey, string>>;
