/**
 * The portal's documented ways to say no. In every one of them nobody was rung, and asking again would get the same answer. All
 * but a bad number and an unreachable authorisation server are faults in the set-up, and say what to change there.
 */
import type { Fault } from '../provider.ts';

/** See `FaultRule`, of which this is the part for refusals. */
export interface Refusal {
  error: string;
  description?: string;
  fault: Fault;
}

export const REFUSALS: readonly Refusal[] = [
  {
    error: 'error_core',
    description: 'could not find line',
    fault: setUp('line_unknown', 'The portal has no such line. Set the line to one of those that `ringback lines` shows.'),
  },
  {
    error: 'error_core',
    description: 'could not find config for number',
    fault: setUp('line_not_configured', 'The line exists but has no settings. Open it once under Telephony, Configure numbers, and save.'),
  },
  {
    error: 'error_core',
    description: 'phone number is not correct',
    fault: {
      code: 'number_not_accepted',
      message: 'The portal does not accept this telephone number.',
      problem: 'number_invalid',
      configuration: false,
    },
  },
  {
    // Whatever the telephony behind the portal reports comes in these clothes too: balance, account, carrier.
    error: 'error_core',
    fault: setUp('telephony_refused', "The portal's telephony refused. Look at its balance, its account state and the line's carrier."),
  },
  {
    error: 'access_denied',
    description: 'rest api is available only',
    fault: setUp('plan_without_rest', "The portal's plan does not include the REST API. Move it to a plan that does."),
  },
  {
    error: 'access_denied',
    fault: setUp(
      'right_missing',
      'The owner of the webhook may not make outgoing calls. Under Telephony, Access permissions, allow the role "Outgoing call: any number".',
    ),
  },
  { error: 'no_auth_found', fault: setUp('webhook_unknown', 'The portal does not know this webhook. Copy its address anew.') },
  { error: 'invalid_token', fault: setUp('token_invalid', 'The portal does not accept this access. Make a new webhook.') },
  {
    error: 'invalid_credentials',
    fault: setUp('credentials_refused', 'The webhook was deleted, or its owner may not use it. Make a new one with an active user.'),
  },
  { error: 'expired_token', fault: setUp('webhook_expired', 'The webhook has expired. Make a new one, or give it a later expiry date.') },
  {
    error: 'insufficient_scope',
    fault: setUp('scope_missing', 'The webhook lacks a scope. Give it both `telephony` and `call`.'),
  },
  {
    error: 'user_access_error',
    fault: setUp('user_not_allowed', 'The owner of the access may not use this application. Let an administrator of the portal allow it.'),
  },
  {
    error: 'invalid_request',
    fault: setUp(
      'https_required',
      'The portal wants https. Use an address that begins with https://, and check for a proxy that removes it.',
    ),
  },
  {
    error: 'error_method_not_found',
    fault: setUp('method_unknown', 'The portal does not know the method. Check that telephony is there and the webhook has the scopes.'),
  },
  {
    error: 'error_manifest_is_not_available',
    fault: setUp('manifest_missing', 'The portal cannot find the description of its REST API. Ask Bitrix24 support.'),
  },
  {
    error: 'error_batch_method_not_allowed',
    fault: setUp(
      'batch_refused',
      'The request reached the portal as part of a batch, which the relay never sends. Check for a rewriting proxy.',
    ),
  },
  {
    error: 'error_batch_length_exceeded',
    fault: setUp(
      'batch_refused',
      'The request reached the portal as part of a batch, which the relay never sends. Check for a rewriting proxy.',
    ),
  },
  {
    error: 'portal_deleted',
    fault: setUp('portal_closed', 'The portal was deleted or is closed to the public. Open it again, or use the webhook of another.'),
  },
  {
    error: 'overload_limit',
    fault: setUp(
      'portal_blocked',
      "Bitrix24 has blocked the portal's REST API by hand because of overload. Only Bitrix24 support can lift it.",
    ),
  },
  {
    error: 'method_confirm_waiting',
    fault: setUp('confirmation_waiting', 'An administrator of the portal must first confirm that this access may use the method.'),
  },
  {
    error: 'method_confirm_denied',
    fault: setUp('confirmation_denied', 'An administrator of the portal has denied this access the method. Ask for another decision.'),
  },
  {
    error: 'application_not_found',
    fault: setUp('application_missing', 'The application behind this access is not installed any more. Make a new webhook.'),
  },
  {
    error: 'connection_error',
    fault: {
      code: 'authorization_unreachable',
      message: 'The portal could not reach its authorisation server. If this repeats, ask Bitrix24 support.',
      problem: 'unavailable',
      configuration: false,
    },
  },
  {
    error: 'authorization_error',
    fault: setUp('authorization_failed', 'The portal could not sign in the owner of the webhook. Check that the user is active.'),
  },
  {
    error: 'wrong_encoding',
    fault: setUp('encoding_refused', 'The portal could not read the request as UTF-8. Check for a proxy that changes it.'),
  },
];

function setUp(code: string, message: string): Fault {
  return { code, message, problem: 'unavailable', configuration: true };
}
