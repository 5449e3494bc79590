/** The contract as OpenAPI 3.1, made from the very schemas that requests are held to. */
import * as z from 'zod';
import { createDocument, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { callAccepted, callRequest, callView } from '../contract/calls.ts';
import { challenge, earlyChallenge } from '../contract/challenge.ts';
import { PROBLEMS, type ProblemCode } from '../contract/problems.ts';
import { siteView } from '../contract/site-view.ts';

const problem = z
  .object({
    type: z.string().meta({ example: 'urn:ringback:problem:number_invalid' }),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(PROBLEMS) as [ProblemCode, ...ProblemCode[]]),
    detail: z.string().optional().meta({ description: 'The field at fault, if one is.' }),
    opensAt: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'With `closed`: when a call like this may be asked for, if that is known.' }),
    challenge: challenge
      .optional()
      .meta({ description: 'With `proof_required`: to be solved and sent again under the same key, as `proof`.' }),
  })
  .meta({ id: 'Problem' });

const callPath = z.object({ id: z.string() });

export function openApiDocument(version: string) {
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Ringback relay',
      version,
      description: 'A page asks for a call; the relay rings the company first and then the visitor, at most once.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    components: { securitySchemes: { statusToken: { type: 'http', scheme: 'bearer' } } },
    paths: {
      '/v1/calls': {
        post: {
          operationId: 'askForCall',
          summary: 'Ask for a call. The same key with the same body always answers with the same call.',
          requestParams: { header: z.object({ 'Idempotency-Key': z.uuid(), Origin: z.string() }) },
          requestBody: { required: true, content: { 'application/json': { schema: callRequest } } },
          responses: {
            '202': json(callAccepted, 'Accepted: kept durably, and dialled before `dialBefore` or never.'),
            ...problems(
              'invalid_request',
              'origin_not_allowed',
              'proof_required',
              'unknown_site',
              'slot_unavailable',
              'closed',
              'body_too_large',
              'unsupported_media_type',
              'number_invalid',
              'number_mismatch',
              'number_refused',
              'consent_required',
              'key_reused',
              'rate_limited',
              'unavailable',
            ),
          },
        },
      },
      '/v1/calls/{id}': {
        get: {
          operationId: 'followCall',
          summary: 'How the call stands.',
          security: [{ statusToken: [] }],
          requestParams: { path: callPath },
          responses: { '200': json(callView, 'The call.'), ...problems('origin_not_allowed', 'unknown_call', 'unavailable') },
        },
        delete: {
          operationId: 'cancelCall',
          summary: 'Take the request back, as long as nothing has been dialled.',
          security: [{ statusToken: [] }],
          requestParams: { path: callPath },
          responses: {
            '200': json(callView, 'Cancelled.'),
            ...problems('origin_not_allowed', 'unknown_call', 'too_late', 'unavailable'),
          },
        },
      },
      '/v1/sites/{site}': {
        get: {
          operationId: 'viewSite',
          summary: 'What a form needs to draw itself.',
          requestParams: {
            path: z.object({ site: z.string() }),
            query: z.object({
              department: z.string().optional().meta({ description: 'Key of a department, whose times are then told.' }),
            }),
          },
          responses: {
            '200': json(siteView, 'The site.'),
            ...problems('invalid_request', 'origin_not_allowed', 'unknown_site', 'unavailable'),
          },
        },
      },
      '/v1/sites/{site}/challenge': {
        get: {
          operationId: 'askForChallenge',
          summary: 'What the first request will have to bring, where the site view says `proof`; elsewhere refused as `invalid_request`.',
          requestParams: { path: z.object({ site: z.string() }), header: z.object({ Origin: z.string() }) },
          responses: {
            '200': json(earlyChallenge, 'To be solved while the visitor types, and sent as `proof` with one request.'),
            ...problems('invalid_request', 'origin_not_allowed', 'unknown_site', 'rate_limited', 'unavailable'),
          },
        },
      },
    },
  });
}

function json(schema: z.ZodType, description: string) {
  return { description, content: { 'application/json': { schema } } };
}

/** One response a status; several codes may share one. */
function problems(...codes: ProblemCode[]): ZodOpenApiResponsesObject {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  return Object.fromEntries(
    [...byStatus].map(([status, shared]) => [
      String(status),
      { description: shared.join(', '), content: { 'application/problem+json': { schema: problem } } },
    ]),
  );
}
