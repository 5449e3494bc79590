/** A call that the operator asks for, to try the set-up: by every rule that holds for visitors, but that no page and no proof stands behind it. */
import type { SiteConfig } from '../config/config.ts';
import { type Admission, type AdmissionContext, admitCall } from './admit-call.ts';

export interface AskedByHand {
  site: SiteConfig;
  /** E.164: what the relay reads differently is refused. */
  number: string;
  /** UUID; the same again is the same call. */
  key: string;
}

export function admitByHand({ site, number, key }: AskedByHand, context: AdmissionContext): Promise<Admission> {
  const request = { site: site.key, phone: number, expect: number };
  return admitCall({ request, site, idempotencyKey: key, address: undefined, via: { kind: 'operator' } }, context);
}
