/** What can go wrong with an application besides what can with a webhook, and the same faults in an application's words. */
import type { Fault } from '../provider.ts';
import { type Failure, problemOf } from './bitrix24-faults.ts';

export const NOT_INSTALLED = refused(
  'application_not_installed',
  'The application is not installed in a portal. Give the portal the address of its install handler and install it there.',
);
export const DEAD = refused(
  'application_dead',
  'The portal does not accept the tokens of the application any more. Open the application in the portal once, or install it anew.',
);
export const CLIENT_REFUSED = refused(
  'application_secret_wrong',
  "Bitrix24's authorisation server does not know the application by this id and secret. Copy both anew from the application's page.",
);
export const UNPAID = refused('application_unpaid', "The portal's subscription does not include applications any more. Renew it.");
/** Nothing was dialled with the token that had expired, so the call may be tried again. */
export const NOT_RENEWED: Failure = {
  kind: 'not_sent',
  fault: {
    code: 'token_not_renewed',
    message:
      "The application's token has expired and could not be renewed in time. If this repeats, check the way to the authorisation server.",
    problem: 'unavailable',
    configuration: false,
  },
};
export const TOKENS_OUT_OF_REACH: Failure = {
  kind: 'not_sent',
  fault: {
    code: 'tokens_out_of_reach',
    message: "The application's tokens could not be read from the store.",
    problem: 'unavailable',
    configuration: false,
  },
};

const REWORDED: ReadonlyMap<string, Fault> = new Map(
  [
    ['webhook_unknown', 'token_unknown', 'The portal does not know the token of the application. Open the application in the portal once.'],
    [
      'webhook_expired',
      'token_expired',
      'The portal takes even a new token of the application for expired. Check that its clock is right.',
    ],
    ['token_invalid', 'token_invalid', 'The portal does not accept the token of the application. Open the application in the portal once.'],
    [
      'credentials_refused',
      'credentials_refused',
      'Whoever installed the application may not use it any more. Let an active user install it anew.',
    ],
    ['scope_missing', 'scope_missing', 'The application lacks a scope. Give it both `telephony` and `call`, and install it anew.'],
    [
      'right_missing',
      'right_missing',
      'Whoever installed the application may not make outgoing calls. Under Telephony, Access permissions, allow the role "Outgoing call: any number".',
    ],
    [
      'method_unknown',
      'method_unknown',
      'The portal does not know the method. Check that telephony is there and the application has the scopes.',
    ],
    ['application_missing', 'application_missing', 'The application is not installed in the portal any more. Install it anew.'],
    [
      'authorization_failed',
      'authorization_failed',
      'The portal could not sign in whoever installed the application. Check that the user is active.',
    ],
    [
      'portal_moved',
      'portal_moved',
      'The portal answers with a redirect, and its new address could not be learnt. Open the application in the portal once.',
    ],
    [
      'refused_otherwise',
      'refused_otherwise',
      'The portal refused with an error that its documentation does not list. Check the application, its scopes and the line.',
    ],
  ].map(([from = '', code = '', message = '']) => [from, { code, message, problem: 'unavailable', configuration: true }]),
);

/** The same failure in an application's words: there is no webhook to look at. */
export function reword(failure: Failure): Failure {
  const fault = REWORDED.get(failure.fault.code);
  return fault === undefined ? failure : { ...failure, fault };
}

/** Whether tokens that a portal hands over when the application is opened in it may put it right: the messages above say so. */
export function isMendedByTokens({ fault: { code } }: Failure): boolean {
  return MENDED_BY_TOKENS.has(code);
}

const MENDED_BY_TOKENS: ReadonlySet<string> = new Set([
  NOT_INSTALLED.fault.code,
  DEAD.fault.code,
  'token_unknown',
  'token_expired',
  'token_invalid',
  'credentials_refused',
  'application_missing',
  'authorization_failed',
  'portal_moved',
]);

const OWN: ReadonlyMap<string, Fault['problem']> = new Map(
  [NOT_INSTALLED, DEAD, CLIENT_REFUSED, UNPAID, NOT_RENEWED, TOKENS_OUT_OF_REACH]
    .map(({ fault }) => fault)
    .concat([...REWORDED.values()])
    .map(({ code, problem }) => [code, problem]),
);

/** What a visitor may be told about a code that stands in a stored call; undefined if it does not come from here. */
export function appProblemOf(code: string): Fault['problem'] | undefined {
  return OWN.get(code) ?? problemOf(code);
}

function refused(code: string, message: string): Failure {
  return { kind: 'refused', fault: { code, message, problem: 'unavailable', configuration: true } };
}
