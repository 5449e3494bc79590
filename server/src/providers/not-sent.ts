/**
 * Which failures of `fetch` prove that not one byte of a request left: the name was not found, no connection came about, the TLS
 * handshake failed, or the platform itself held it back. Everything else may have happened after the other side had read the
 * request, so it proves nothing.
 *
 * Written for the errors of Node (`cause.code`, `cause.syscall`). A runtime that tells less proves less, which only costs a
 * retry; a wrong proof would ring somebody twice.
 */
export type NotSentProof = 'name_not_found' | 'no_connection' | 'tls_failed' | 'out_of_time';

/** What a platform's `fetch` rejects with where it has itself kept a request from being sent. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
  readonly proof: NotSentProof;

  constructor(proof: NotSentProof) {
    super(`Nothing was sent: ${proof}.`);
    this.proof = proof;
  }
}

/** `maySend` is asked when the connection stands, right before the first byte. A `fetch` that cannot do that takes no notice of it. */
export interface FreshInit extends RequestInit {
  maySend?: (() => boolean) | undefined;
}

/** Never throws, whatever was thrown at it. Keeps nothing of the error, whose text may hold the whole address. */
export function proveNotSent(error: unknown): NotSentProof | undefined {
  try {
    return judge(error, 0);
  } catch {
    return undefined;
  }
}

/** `fetch failed` → the socket's error is the usual depth of two. */
const MAX_DEPTH = 5;

function judge(error: unknown, depth: number): NotSentProof | undefined {
  if (depth > MAX_DEPTH || typeof error !== 'object' || error === null) return undefined;
  if (error instanceof NotSent) return error.proof;
  const { code, syscall, errors, cause } = error as Record<'code' | 'syscall' | 'errors' | 'cause', unknown>;

  // Several addresses were tried at once: a single attempt that got further than the rest would disprove it.
  if (Array.isArray(errors) && errors.length > 0) {
    const proofs = errors.map((attempt) => judge(attempt, depth + 1));
    return proofs.includes(undefined) ? undefined : proofs[0];
  }
  if (typeof code === 'string') return judgeCode(code, syscall);
  return judge(cause, depth + 1);
}

/**
 * The system call counts for more than the code: a connection that is already up can die of ETIMEDOUT or EHOSTUNREACH too,
 * when the network goes away while an answer is awaited.
 */
function judgeCode(code: string, syscall: unknown): NotSentProof | undefined {
  if (syscall === 'getaddrinfo' || NAME_LOOKUP.has(code)) return 'name_not_found';
  if (syscall === 'connect' || CONNECT.has(code)) return 'no_connection';
  if (CERTIFICATE.has(code) || HANDSHAKE.has(code)) return 'tls_failed';
  return undefined;
}

const NAME_LOOKUP: ReadonlySet<string> = new Set(['ENOTFOUND', 'EAI_AGAIN']);

/** Codes that only a connection in the making can give. */
const CONNECT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT']);

/** The certificate is looked at before anything is written: https://nodejs.org/docs/latest-v20.x/api/tls.html#x509-certificate-error-codes */
const CERTIFICATE: ReadonlySet<string> = new Set([
  'CERT_CHAIN_TOO_LONG',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CRL_HAS_EXPIRED',
  'CRL_NOT_YET_VALID',
  'CRL_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERROR_IN_CERT_NOT_AFTER_FIELD',
  'ERROR_IN_CERT_NOT_BEFORE_FIELD',
  'ERR_TLS_CERT_ALTNAME_FORMAT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
  'UNABLE_TO_DECRYPT_CERT_SIGNATURE',
  'UNABLE_TO_GET_CRL',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/**
 * Alerts that answer a client's greeting. Other TLS codes, `ERR_SSL_WRONG_VERSION_NUMBER` among them, are left out: they name a
 * bad record, and a bad record can come in the middle of an answer as well.
 */
const HANDSHAKE: ReadonlySet<string> = new Set([
  'ERR_SSL_NO_PROTOCOLS_AVAILABLE',
  'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
  'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
  'ERR_SSL_TLSV1_UNRECOGNIZED_NAME',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
]);
