/** Every error of the platform that is documented or has been recorded. `callback_rate_limit_exceeded` has no documented HTTP code: 403 here. */
export interface TelphinError {
  readonly status: number;
  readonly body: Readonly<Record<string, string>>;
}

export const TELPHIN_ERRORS = {
  tokenWrong: { status: 401, body: { message: 'The access token is missing, expired or wrong.' } },
  accessDenied: { status: 403, body: { status: 'access_denied', message: 'Access denied.' } },
  userBlocked: { status: 403, body: { status: 'user_blocked', message: 'User is blocked.' } },
  userTypeDenied: { status: 403, body: { status: 'user_access_type_deny', message: 'Access denied for this type of user.' } },
  appTypeDenied: { status: 403, body: { status: 'app_access_type_deny', message: 'Access denied for this type of application.' } },
  forbidden: { status: 403, body: { message: 'Forbidden.' } },
  notFound: { status: 404, body: { message: 'Not found.' } },
  clientNotFound: { status: 404, body: { status: 'client_not_found', message: 'Client not found.' } },
  callLimit: { status: 403, body: { status: 'callback_rate_limit_exceeded', message: 'Callback rate limit exceeded.' } },
  callLimitInWords: { status: 400, body: { message: 'callback_rate_limit_exceeded' } },
  quota: { status: 429, body: { status: 'rate_limit_exceeded', message: 'Rate limit exceeded.' } },
  busy: { status: 429, body: { message: 'Another request is being processed.' } },
  badRequest: { status: 400, body: { message: 'Wrong parameters.' } },
  crash: { status: 500, body: { message: 'Internal error.' } },
} as const satisfies Record<string, TelphinError>;

export type TelphinErrorName = keyof typeof TELPHIN_ERRORS;
