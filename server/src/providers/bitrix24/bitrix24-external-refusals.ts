/**
 * What a portal says no with where an application is its telephony: external lines, and calls that are written down by hand. These stand
 * before the errors of its own telephony, because some begin alike.
 * https://apidocs.bitrix24.com/api-reference/telephony/index.html
 */
import type { Fault } from '../provider.ts';
import type { Refusal } from './bitrix24-refusals.ts';

export const EXTERNAL_REFUSALS: readonly Refusal[] = [
  {
    error: 'wrong_auth_type',
    fault: setUp(
      'application_wanted',
      'The portal lets only an application do this, and no webhook. Use an account of the type `bitrix24_app` that is installed in it.',
    ),
  },
  {
    error: 'error_core',
    description: 'line already exists',
    fault: setUp('external_line_exists', 'The portal has an external line of this number already.'),
  },
  {
    error: 'error_core',
    description: 'could not find line with number',
    fault: setUp('external_line_unknown', 'The application has no external line of this number. `ringback bitrix24 line list` shows them.'),
  },
  {
    error: 'error_core',
    description: 'number should not be empty',
    fault: setUp('external_line_empty', 'An external line needs a number.'),
  },
  {
    error: 'error_core',
    description: 'user is not found or is not active',
    fault: setUp('portal_user_unknown', 'The portal has no active user of this id. Set `bridge.userId` to one who works there.'),
  },
  {
    error: 'error_core',
    description: 'call is not found',
    fault: {
      code: 'card_unknown',
      message: 'The portal does not know the call that was registered before.',
      problem: 'unavailable',
      configuration: false,
    },
  },
  {
    error: 'error_core',
    description: 'unsupported phone number format',
    fault: {
      code: 'number_not_accepted',
      message: 'The portal does not accept this telephone number.',
      problem: 'number_invalid',
      configuration: false,
    },
  },
];

function setUp(code: string, message: string): Fault {
  return { code, message, problem: 'unavailable', configuration: true };
}
