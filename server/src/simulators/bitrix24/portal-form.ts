/** The portal's own callback form: somebody leaves a number, an entry is made in the CRM, and the application that is its line is told. */
import type { PortalApplication } from './portal-application.ts';
import type { PortalCrm } from './portal-crm.ts';

export interface FormRequest {
  number: string;
  /** Number of the external line that the form is set to; the application itself when absent. */
  line?: string | undefined;
  /** What the form was filled in for; a new lead when absent. */
  crm?: { type: string; id: number } | undefined;
}

const LEAD_TYPE_ID = 1;

/** Answers what was delivered, a body for each handler, which anybody could repeat. */
export function askByForm(
  { number, line = '', crm: entry }: FormRequest,
  { application, crm }: { application: Pick<PortalApplication, 'tell'>; crm: PortalCrm },
): Promise<readonly string[]> {
  const { type, id } = entry ?? { type: 'LEAD', id: crm.enter(LEAD_TYPE_ID, leadOf(number)) };
  return application.tell('ONEXTERNALCALLBACKSTART', {
    PHONE_NUMBER: number,
    TEXT: 'A callback was asked for.',
    VOICE: '',
    CRM_ENTITY_TYPE: type,
    CRM_ENTITY_ID: String(id),
    LINE_NUMBER: line,
  });
}

function leadOf(number: string) {
  return { title: 'Form', sourceId: 'CALLBACK', fm: [{ typeId: 'PHONE', value: number }] };
}
