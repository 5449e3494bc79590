/** The errors that the methods of an application document for themselves; the portal's general ones are in portal-errors.ts. */
import type { PortalError } from './portal-errors.ts';

export const APPLICATION_ERRORS = {
  alreadyBound: { status: 400, error: 'ERROR_CORE', description: 'Unable to set event handler: Handler already binded' },
} as const satisfies Record<string, PortalError>;
