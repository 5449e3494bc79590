/** The portal's ways to say no, as they read where the CRM was asked: the client's own words are about telephony. */
import type { ChannelFault } from '../../follow-ups/channel.ts';
import type { Fault } from '../provider.ts';

export function crmFault({ code, message, configuration }: Fault, method: string): ChannelFault {
  const isIm = method.startsWith('im.');
  switch (code) {
    case 'scope_missing':
    case 'method_unknown':
      return isIm ? IM_SCOPE_MISSING : CRM_SCOPE_MISSING;
    case 'right_missing':
      return lasting(
        'crm_right_missing',
        'The owner of the webhook may not do this in the CRM. Let the role, under CRM, Access permissions, read and add leads, contacts and deals.',
      );
    case 'refused_otherwise':
    case 'telephony_refused':
      return lasting(
        'crm_refused',
        'The CRM refuses the entry. Look for fields that were made mandatory, and whether `responsibleId` names a user of the portal.',
      );
    default:
      return { code, message, configuration };
  }
}

export const UNREADABLE_CRM: ChannelFault = {
  code: 'answer_unreadable',
  message: 'The CRM answered with something that is not its documented answer. If this repeats, check what stands before the portal.',
  configuration: false,
};

const CRM_SCOPE_MISSING = lasting(
  'crm_scope_missing',
  "The webhook lacks the scope `crm`. Tick it in the webhook's settings, or take the channel out.",
);
const IM_SCOPE_MISSING = lasting(
  'im_scope_missing',
  "The webhook lacks the scope `im`, without which notices about the relay cannot be shown in the portal. Tick it in the webhook's settings.",
);

function lasting(code: string, message: string): ChannelFault {
  return { code, message, configuration: true };
}
