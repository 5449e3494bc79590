/** What a page sends to ask for a call, and what it is told about it. Unknown keys are refused. */
import * as z from 'zod';

/** The body of `POST /v1/calls` may be this many bytes, counted as they arrive. */
export const MAX_BODY_BYTES = 4096;

/** Proofs of work have some 1,100 characters; tokens of hosted checks have been seen with 2,500. */
export const MAX_PROOF_CHARS = 4096;

/** Life of a call as a visitor sees it. */
export const PUBLIC_STATES = ['scheduled', 'waiting', 'calling', 'talking', 'done', 'missed', 'failed', 'cancelled'] as const;
export type PublicState = (typeof PUBLIC_STATES)[number];

/** Progress inside `calling`, present only where the provider reported it. */
export const CALL_STEPS = ['agent_ringing', 'agent_answered', 'visitor_ringing'] as const;
export type CallStep = (typeof CALL_STEPS)[number];

const text = (max: number) => z.string().max(max);
const instant = z.iso.datetime({ offset: true });

export const callRequest = z
  .strictObject({
    site: text(64).min(1).meta({ description: 'Key of a configured site.', example: 'default' }),
    phone: text(32).min(1).meta({ description: 'The number as the visitor typed it.', example: '0151 23456789' }),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/)
      .optional()
      .meta({ description: "ISO 3166-1 alpha-2 that the visitor chose; absent means the site's own.", example: 'DE' }),
    expect: z
      .string()
      .regex(/^\+[1-9]\d{3,14}$/)
      .optional()
      .meta({ description: 'The E.164 number that the page showed; refused as number_mismatch if the relay reads another.' }),
    name: text(40).optional(),
    department: text(64).optional(),
    locale: text(35).optional().meta({ description: 'BCP 47 tag of the form.', example: 'en' }),
    page: z
      .strictObject({
        url: text(1024),
        referrer: text(1024),
        title: text(200),
        utm: z.strictObject({ source: text(100), medium: text(100), campaign: text(100), term: text(100), content: text(100) }).partial(),
      })
      .partial()
      .optional()
      .meta({ description: 'Where the visitor was, for whoever follows up.' }),
    consent: z.strictObject({ textId: text(64), givenAt: instant }).optional(),
    proof: text(MAX_PROOF_CHARS).optional(),
    at: instant.optional().meta({ description: 'A slot that the site offered; absent means now.' }),
  })
  .meta({ id: 'CallRequest' });
export type CallRequest = z.infer<typeof callRequest>;

export const callView = z
  .object({
    id: z.string(),
    state: z.enum(PUBLIC_STATES),
    step: z.enum(CALL_STEPS).optional(),
    problem: z
      .enum(['number_invalid', 'number_refused', 'unavailable'])
      .optional()
      .meta({ description: 'With `failed`: why, as far as a visitor may know.' }),
    unconfirmed: z
      .literal(true)
      .optional()
      .meta({ description: 'With `done` and `failed`: nobody knows, or will know, whether the two were put through.' }),
    dueAt: instant.optional().meta({ description: 'When the call is to be started, if that is still ahead.' }),
    pollAfterMs: z.int().min(0).meta({ description: 'Ask again after this many milliseconds; 0 when final.' }),
    final: z.boolean(),
  })
  .meta({ id: 'Call' });
export type CallView = z.infer<typeof callView>;

export const callAccepted = z
  .object({
    id: z.string(),
    statusToken: z.string().meta({ description: 'Bearer token for this call alone.' }),
    state: z.enum(PUBLIC_STATES),
    number: z.string().meta({ description: "The relay's reading of the number, formatted for display.", example: '+49 1512 3456789' }),
    dialBefore: instant.meta({ description: 'Nothing is dialled after this moment.' }),
    pollAfterMs: z.int().min(0),
  })
  .meta({ id: 'CallAccepted' });
export type CallAccepted = z.infer<typeof callAccepted>;
