/** The errors that the CRM's methods document for themselves; the portal's general ones are in portal-errors.ts. */
import type { APPLICATION_ERRORS } from './portal-application-errors.ts';
import type { CARD_ERRORS } from './portal-card-errors.ts';
import type { PortalError, PortalErrorName } from './portal-errors.ts';

export const CRM_ERRORS = {
  crmNotFound: { status: 400, error: 'NOT_FOUND', description: 'Not found.' },
  crmFieldsMissing: { status: 400, error: '100', description: 'Could not find value for parameter {ownerId}' },
  crmWrongDate: { status: 400, error: 'WRONG_DATETIME_FORMAT', description: 'Wrong datetime format' },
  crmDenied: { status: 400, error: 'ACCESS_DENIED', description: 'Access denied' },
  crmFieldRequired: { status: 400, error: 'CRM_FIELD_ERROR_REQUIRED', description: 'The field "Region" is required' },
} as const satisfies Record<string, PortalError>;

export type AnyErrorName = PortalErrorName | keyof typeof CRM_ERRORS | keyof typeof CARD_ERRORS | keyof typeof APPLICATION_ERRORS;
