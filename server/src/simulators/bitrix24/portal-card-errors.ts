/** The errors that external lines and external calls document for themselves; the portal's general ones are in portal-errors.ts. */
import type { PortalError } from './portal-errors.ts';

export const CARD_ERRORS = {
  wrongAuthType: { status: 403, error: 'WRONG_AUTH_TYPE', description: 'Current authorization type is denied for this method' },
  externalLineEmpty: { status: 400, error: 'ERROR_CORE', description: 'NUMBER should not be empty' },
  externalLineExists: { status: 400, error: 'ERROR_CORE', description: 'Line already exists' },
  externalLineUnknown: { status: 400, error: 'ERROR_CORE', description: 'Could not find line with number 4930123456' },
  cardUserMissing: { status: 400, error: 'ERROR_CORE', description: 'USER_ID or USER_PHONE_INNER should be set' },
  cardUserUnknown: { status: 400, error: 'ERROR_CORE', description: 'User is not found or is not active' },
  cardTypeUnknown: { status: 400, error: 'ERROR_CORE', description: 'Unknown TYPE' },
  cardNumberBad: { status: 400, error: 'ERROR_CORE', description: 'Unsupported phone number format' },
  cardUnknown: { status: 400, error: 'ERROR_CORE', description: 'Call is not found (call should be registered prior to finishing)' },
} as const satisfies Record<string, PortalError>;
