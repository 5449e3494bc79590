/** What a page has to solve before its request is taken: given with the problem `proof_required`, and beforehand where all will need it. */
import * as z from 'zod';

export const challenge = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('pow'), parameters: z.record(z.string(), z.unknown()).readonly(), signature: z.string() }).meta({
      description: "Proof of work in ALTCHA's format, version 2: find the counter whose derived key begins with the prefix.",
    }),
    z.object({ kind: z.literal('siteverify'), vendor: z.string(), siteKey: z.string() }).meta({
      description: 'A hosted check without a puzzle: `/check/{site}` of the relay runs it in a frame and posts its token to the page.',
    }),
  ])
  .meta({ id: 'Challenge' });
export type Challenge = z.infer<typeof challenge>;

/** `GET /v1/sites/{site}/challenge` */
export const earlyChallenge = z
  .object({
    challenge,
    goodForMs: z.int().min(0).meta({ description: 'For so long after this answer a solution is taken; then another is to be had.' }),
  })
  .meta({ id: 'EarlyChallenge' });
export type EarlyChallenge = z.infer<typeof earlyChallenge>;
