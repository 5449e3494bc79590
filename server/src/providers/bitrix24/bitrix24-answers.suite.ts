/** What the portal's documented errors mean, and answers that mean nothing: the same however an account gets in. Test data. */
import type { PortalErrorName } from '../../simulators/bitrix24/portal-errors.ts';
import type { GarbageAnswer } from '../garbage-answers.ts';
import type { DocumentedError } from '../provider.suite.ts';

export type Meaning = Omit<DocumentedError, 'name'>;

export function setUp(code: string): Meaning {
  return { kind: 'refused', code, problem: 'unavailable', configuration: true };
}

function passing(kind: Meaning['kind'], code: string): Meaning {
  return { kind, code, problem: 'unavailable', configuration: false };
}

/** Written out by hand, so that the provider's own table is not compared with itself. */
export const MEANINGS: Readonly<Record<PortalErrorName, Meaning>> = {
  unknownLine: setUp('line_unknown'),
  unconfiguredLine: setUp('line_not_configured'),
  badNumber: { kind: 'refused', code: 'number_not_accepted', problem: 'number_invalid', configuration: false },
  telephonyFailure: setUp('telephony_refused'),
  noRight: setUp('right_missing'),
  freePlan: setUp('plan_without_rest'),
  noSubscription: setUp('plan_without_rest'),
  internalError: passing('uncertain', 'portal_failed'),
  unexpectedAnswer: passing('uncertain', 'portal_failed'),
  tooManyRequests: passing('not_sent', 'rate_limited'),
  tooMuchTime: passing('not_sent', 'operating_limit'),
  overload: setUp('portal_blocked'),
  batchMethod: setUp('batch_refused'),
  batchLength: setUp('batch_refused'),
  noAuth: setUp('webhook_unknown'),
  invalidToken: setUp('token_invalid'),
  expiredToken: setUp('webhook_expired'),
  credentialsForbidden: setUp('credentials_refused'),
  credentialsUnknown: setUp('credentials_refused'),
  noScope: setUp('scope_missing'),
  noUserAccess: setUp('user_not_allowed'),
  plainHttp: setUp('https_required'),
  unknownMethod: setUp('method_unknown'),
  noManifest: setUp('manifest_missing'),
  portalDeleted: setUp('portal_closed'),
  portalClosed: setUp('portal_closed'),
  confirmWaiting: setUp('confirmation_waiting'),
  confirmDenied: setUp('confirmation_denied'),
  applicationMissing: setUp('application_missing'),
  noAuthServer: passing('refused', 'authorization_unreachable'),
  noSignIn: setUp('authorization_failed'),
  wrongEncoding: setUp('encoding_refused'),
};

export const OWN_READING_GARBAGE: readonly GarbageAnswer[] = [
  result({ result: {} }),
  result({ result: { 0: { CALL_ID: 'callback.1.1' } } }),
  result({ result: ['callback.1.1'] }),
  result({ result: [null] }),
  result({ result: true }),
  result({ result: [] }, 500),
  result({ result: [], error: 'ACCESS_DENIED' }),
];

export const OWN_GARBAGE: readonly GarbageAnswer[] = [
  result({ result: { RESULT: false } }),
  result({ result: { RESULT: 'true' } }),
  result({ result: { RESULT: 1 } }),
  result({ result: { CALL_ID: 'callback.72f42b118e019a4cc47629ff60525f43.1773736077' } }),
  result({ result: true }),
  result({ result: [] }),
  result({ result: { RESULT: true } }, 500),
  result({ result: { RESULT: true } }, 403),
  result({ result: { RESULT: true }, error: 'ACCESS_DENIED', error_description: 'Access denied' }),
  result({ result: { RESULT: true }, error: { code: 1 } }),
  result({ error: { code: 'ACCESS_DENIED' } }, 403),
  result({ error: 'SOMETHING_NEW', error_description: '' }, 500),
  result({ error: 'SOMETHING_NEW', error_description: '' }, 200),
  result({ error: 'SOMETHING_NEW', error_description: '' }, 408),
  result({ error: '' }, 403),
  { ...result('a success with one byte that is not UTF-8'), body: Buffer.from('{"result":{"RESULT":true},"x":"\xff"}', 'latin1') },
];

function result(body: unknown, status = 200) {
  return {
    name: JSON.stringify(body),
    status,
    contentType: 'application/json',
    body: JSON.stringify(body),
  };
}
