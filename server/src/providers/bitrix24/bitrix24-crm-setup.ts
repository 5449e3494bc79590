/** Whether leads could be entered, found out without entering one. */
import type { Finding } from '../provider.ts';
import type { Bitrix24Client } from './bitrix24-client.ts';
import type { CrmDesk } from './bitrix24-crm-desk.ts';
import { crmFault } from './bitrix24-crm-faults.ts';

export async function verifyCrm(client: Bitrix24Client, desk: CrmDesk): Promise<Finding[]> {
  const scopes = await client.call('scope', {});
  if (scopes.kind !== 'result') return [missing(crmFault(scopes.fault, 'scope'))];
  const granted: readonly unknown[] = Array.isArray(scopes.result) ? scopes.result : [];
  if (!granted.includes('crm')) {
    const message =
      "Calls that do not connect cannot be entered in the CRM: the webhook lacks the scope `crm`. Tick it in the webhook's settings, or take the channel out (RINGBACK_CRM=false).";
    return [{ ok: false, code: 'crm_scope_missing', message }];
  }
  const mode = await desk.readMode();
  if (!mode.ok) return [missing(mode.fault)];
  const what = mode.value === 'classic' ? 'leads' : 'contacts and deals';
  return [
    { ok: true, code: 'crm_works', message: `Calls that do not connect are entered in the CRM as tasks and ${what}.` },
    granted.includes('im')
      ? { ok: true, code: 'im_works', message: 'Notices about the relay are shown in the portal.' }
      : {
          ok: true,
          code: 'im_scope_absent',
          message: 'Notices about the relay are not shown in the portal: the webhook lacks the scope `im`.',
        },
  ];
}

function missing({ code, message }: { code: string; message: string }): Finding {
  return { ok: false, code, message };
}
