/** One request as the portal reads it, in either calling style. */
import { type Params, readParam, readParams } from './portal-params.ts';

export interface PortalRequest {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly httpMethod: string;
  readonly secure: boolean;
  readonly contentType: string;
  readonly accept: string;
  /** Lower case, without the suffix that picks an encoding. */
  readonly method: string;
  readonly params: Params;
  readonly identity: { kind: 'webhook'; userId: string; secret: string } | { kind: 'oauth'; token: string };
  /** How much of a staged flood was taken off the portal. */
  floodedBytes: number;
}

/** `/rest/<user id>/<secret>/<method>`, or `/rest/<method>` with an access token. */
export async function readRequest(request: Request, at: number): Promise<PortalRequest> {
  const { pathname, protocol } = new URL(request.url);
  const params = await readParams(request);
  const segments = pathname.split('/').slice(2);
  const [userId = '', secret = ''] = segments;
  return {
    at,
    httpMethod: request.method,
    secure: protocol === 'https:',
    contentType: request.headers.get('content-type') ?? '',
    accept: request.headers.get('accept') ?? '',
    method: (segments.at(-1) ?? '').toLowerCase().replace(/\.(json|xml)$/, ''),
    params,
    identity: segments.length >= 3 ? { kind: 'webhook', userId, secret } : { kind: 'oauth', token: readToken(request, params) },
    floodedBytes: 0,
  };
}

function readToken(request: Request, params: Params): string {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
  return readParam(params, 'auth') || readParam(params, 'access_token') || bearer || '';
}
