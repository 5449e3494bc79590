/** Every error that the portal documents, word for word as it puts them on the wire. `{line}` stands for the line that was asked for. */
export interface PortalError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
}

export const PORTAL_ERRORS = {
  unknownLine: { status: 400, error: 'ERROR_CORE', description: 'Could not find line {line}' },
  unconfiguredLine: { status: 400, error: 'ERROR_CORE', description: 'Could not find config for number {line}' },
  badNumber: { status: 400, error: 'ERROR_CORE', description: 'Phone number is not correct' },
  telephonyFailure: { status: 400, error: 'ERROR_CORE', description: 'Insufficient funds; Account is frozen' },
  noRight: { status: 403, error: 'ACCESS_DENIED', description: 'Access denied!' },
  freePlan: { status: 403, error: 'ACCESS_DENIED', description: 'REST API is available only on commercial plans' },
  noSubscription: { status: 403, error: 'ACCESS_DENIED', description: 'REST API is available only by subscription' },
  internalError: { status: 500, error: 'INTERNAL_SERVER_ERROR', description: 'Internal server error' },
  unexpectedAnswer: { status: 500, error: 'ERROR_UNEXPECTED_ANSWER', description: 'Server returned an unexpected response' },
  tooManyRequests: { status: 503, error: 'QUERY_LIMIT_EXCEEDED', description: 'Too many requests' },
  tooMuchTime: { status: 429, error: 'OPERATION_TIME_LIMIT', description: 'Method is blocked due to operation time limit.' },
  overload: { status: 503, error: 'OVERLOAD_LIMIT', description: 'REST API is blocked due to overload' },
  batchMethod: { status: 405, error: 'ERROR_BATCH_METHOD_NOT_ALLOWED', description: 'Method is not allowed for batch usage' },
  batchLength: { status: 400, error: 'ERROR_BATCH_LENGTH_EXCEEDED', description: 'Max batch length exceeded' },
  noAuth: { status: 401, error: 'NO_AUTH_FOUND', description: 'Wrong authorization data' },
  invalidToken: { status: 401, error: 'invalid_token', description: 'Unable to get application by token' },
  expiredToken: { status: 401, error: 'expired_token', description: 'The access token provided has expired' },
  credentialsForbidden: { status: 403, error: 'INVALID_CREDENTIALS', description: 'Invalid request credentials' },
  credentialsUnknown: { status: 401, error: 'INVALID_CREDENTIALS', description: 'Invalid request credentials' },
  noScope: {
    status: 403,
    error: 'insufficient_scope',
    description: 'The request requires higher privileges than provided by the webhook token',
  },
  noUserAccess: { status: 403, error: 'user_access_error', description: 'The user does not have access to the application' },
  plainHttp: { status: 400, error: 'INVALID_REQUEST', description: 'Https required' },
  unknownMethod: { status: 404, error: 'ERROR_METHOD_NOT_FOUND', description: 'Method not found!' },
  noManifest: { status: 404, error: 'ERROR_MANIFEST_IS_NOT_AVAILABLE', description: 'Manifest is not available' },
  portalDeleted: { status: 500, error: 'PORTAL_DELETED', description: 'Portal was deleted' },
  portalClosed: { status: 403, error: 'PORTAL_DELETED', description: 'Portal was deleted' },
  confirmWaiting: { status: 401, error: 'METHOD_CONFIRM_WAITING', description: 'Waiting for confirmation' },
  confirmDenied: { status: 403, error: 'METHOD_CONFIRM_DENIED', description: 'Method call denied' },
  applicationMissing: { status: 401, error: 'APPLICATION_NOT_FOUND', description: 'Application not found' },
  noAuthServer: { status: 500, error: 'CONNECTION_ERROR', description: 'Error connecting to authorization server' },
  noSignIn: { status: 401, error: 'authorization_error', description: 'Unable to authorize user' },
  wrongEncoding: { status: 403, error: 'WRONG_ENCODING', description: 'Wrong request encoding' },
} as const satisfies Record<string, PortalError>;

export type PortalErrorName = keyof typeof PORTAL_ERRORS;
