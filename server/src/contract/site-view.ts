/**
 * `GET /v1/sites/{site}`: what a form needs to draw itself. Cacheable, the same for every visitor. With `?department=` the times
 * are those of that department.
 */
import * as z from 'zod';

export const siteView = z
  .object({
    site: z.string(),
    name: z.string().optional().meta({ description: 'What the company calls itself.' }),
    open: z.boolean().meta({ description: 'Whether a call can be asked for now.' }),
    opensAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Where it is closed: when it opens, if that is known.' }),
    timeZone: z.string().optional().meta({ description: 'IANA zone of the hours, in which slots may be told.' }),
    country: z.string().meta({ description: 'Country that the number field starts with.' }),
    countries: z.array(z.string()).meta({ description: 'Countries that may be called.' }),
    departments: z.array(z.object({ key: z.string(), name: z.string() })).meta({ description: 'To choose from; none has to be named.' }),
    slots: z
      .array(z.iso.datetime({ offset: true }))
      .meta({ description: 'Times that were free a moment ago, the nearest first. One of them may be asked for as `at`.' }),
    consent: z.object({ textId: z.string(), text: z.string(), url: z.string().optional() }).optional(),
    promiseSeconds: z.int().optional().meta({ description: 'Within how many seconds the company says that the phone rings.' }),
    phone: z.object({ href: z.string(), text: z.string() }).optional().meta({ description: "The company's own number, to call instead." }),
    proof: z.boolean().meta({ description: 'Whether every request needs a proof; then a challenge can be had beforehand.' }),
  })
  .meta({ id: 'Site' });
export type SiteView = z.infer<typeof siteView>;
