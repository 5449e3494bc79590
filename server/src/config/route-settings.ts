/** By which ways a site's calls are made besides its first, and what is set for one kind of provider alone. */
import * as z from 'zod';
import { mapOf } from './map-of.ts';
import {
  findDtmfFault,
  findExternalLineFault,
  findLineFault,
  findTelphinNumberFault,
  findTelphinTextFault,
  findVariableNameFault,
} from './provider-values.ts';
import { checkedText, settings, wholeNumber } from './setting.ts';
import { findKeyFault, findProviderIdFault } from './site-values.ts';

/** A call is tried three times at most. */
const MAX_FALLBACKS = 2;
const MAX_AGENTS = 20;
const MAX_VARIABLES = 50;
const DAY_S = 86_400;

const number = checkedText(findTelphinNumberFault).optional();
const label = checkedText(findTelphinTextFault).optional();
const sound = wholeNumber(1, Number.MAX_SAFE_INTEGER).optional();

export const bridgeSettings = z.strictObject({
  portal: checkedText(findKeyFault).register(settings, {
    sentence: 'Name of the account, of the type `bitrix24_app`, whose callback form it is.',
    example: 'crm',
  }),
  externalLine: checkedText(findExternalLineFault).optional().register(settings, {
    sentence: 'Number of the external line in the portal that is asked.',
    example: '+4930123456',
    defaultText: 'every line of the application',
  }),
  userId: wholeNumber(1, 2_147_483_647).register(settings, {
    sentence: 'Id of the user of the portal to whom the call is shown and written down.',
    example: 7,
  }),
});

/** Telphin's own names stand beside each in docs/providers/telphin.md. */
export const telphinOptions = z.strictObject({
  srcNum: z
    .array(checkedText(findTelphinNumberFault))
    .min(1, 'Name at least one number, or leave this out.')
    .max(MAX_AGENTS, `Name at most ${MAX_AGENTS} numbers.`)
    .optional()
    .register(settings, {
      sentence: "Numbers of your team, rung all at once (`src_num`); a menu's number cannot be one.",
      example: ['101', '+4915123456789'],
      env: { name: 'TELPHIN_SRC_NUM', form: 'list' },
      defaultText: 'the extension itself',
    }),
  announceSoundId: sound.clone().register(settings, {
    sentence: 'Id of the sound that your team hears before the visitor is rung (`announce_sound_id`). Telphin speaks no text.',
    example: 1234,
    defaultText: 'silence',
  }),
  dstAnnounceSoundId: sound.clone().register(settings, {
    sentence: 'Id of the sound that both hear when the visitor has answered (`dst_announce_sound_id`).',
    example: 1235,
    defaultText: 'none',
  }),
  callerIdName: label.clone().register(settings, {
    sentence: 'Name of the caller that is shown (`caller_id_name`).',
    example: 'Callback',
    defaultText: "the extension's",
  }),
  callerIdNumber: number.clone().register(settings, {
    sentence: 'Number of the caller that is shown (`caller_id_number`).',
    example: '101',
    defaultText: "the extension's",
  }),
  srcCallerIdName: label.clone().register(settings, {
    sentence: 'Name that your team is shown (`src_caller_id_name`).',
    example: 'Callback',
    defaultText: '`callerIdName`',
  }),
  srcCallerIdNumber: number.clone().register(settings, {
    sentence: 'Number that your team is shown (`src_caller_id_number`).',
    example: '101',
    defaultText: '`callerIdNumber`',
  }),
  srcAni: number.clone().register(settings, {
    sentence: "One of the account's own outside numbers, which outside numbers of your team are shown (`src_ani`).",
    example: '+4930123456',
    defaultText: 'none',
  }),
  dstAni: number.clone().register(settings, {
    sentence: "One of the account's own outside numbers, which the visitor is shown (`dst_ani`).",
    example: '+4930123456',
    defaultText: 'none',
  }),
  dstDtmf: checkedText(findDtmfFault).optional().register(settings, {
    sentence: 'Tones that are sent when the visitor has answered (`dst_dtmf`): `0-9*#`, `W` for a second of silence, `w` for half.',
    example: 'W1',
    defaultText: 'none',
  }),
  callDurationS: wholeNumber(1, DAY_S).optional().register(settings, {
    sentence: 'Seconds after which a call is ended (`call_duration`), 1 to 86,400.',
    example: 1800,
    defaultText: "Telphin's own",
  }),
  waitForPickupS: wholeNumber(1, 600).optional().register(settings, {
    sentence: 'Seconds for which each telephone rings (`wait_for_pickup`), 1 to 600.',
    example: 30,
    defaultText: "Telphin's own",
  }),
  transferAfterSrcHangup: number.clone().register(settings, {
    sentence: 'Number that the visitor is put through to when your team has hung up (`transfer_after_src_hangup`).',
    example: '200',
    defaultText: 'none',
  }),
  transferAfterDstHangup: number.clone().register(settings, {
    sentence: 'Number that your team is put through to when the visitor has hung up (`transfer_after_dst_hangup`).',
    example: '201',
    defaultText: 'none',
  }),
  allowPublicTransfer: z.boolean().optional().register(settings, {
    sentence: 'With `true`, a call with an outside number may be passed on (`allow_public_transfer`).',
    example: true,
    defaultText: '`false`, which is sent: whoever calls the form cannot use your lines to reach others',
  }),
  // With 100, which Telphin takes as well, every callback is declined.
  callbackRateLimit: wholeNumber(0, 99).optional().register(settings, {
    sentence: 'Percent of the calls at once that are kept free of callbacks (`callback_rate_limit`), 0 to 99.',
    example: 20,
    defaultText: 'none',
  }),
  variables: mapOf(checkedText(findTelphinTextFault), findVariableNameFault)
    .refine((variables) => variables.size <= MAX_VARIABLES, `Name at most ${MAX_VARIABLES} variables.`)
    .transform((variables): Readonly<Record<string, string>> => Object.fromEntries(variables))
    .optional()
    .register(settings, {
      sentence: 'Variables of the call (`variables`), such as for a telephone that answers by itself.',
      example: { autoanswer: '4' },
      defaultText: 'none',
    }),
});

export const fallbackSettings = z.strictObject({
  provider: checkedText(findKeyFault).register(settings, { sentence: 'Name of the account that rings then.', example: 'spare' }),
  line: checkedText(findLineFault).register(settings, { sentence: 'Id of its line.', example: '105' }),
  voice: checkedText(findProviderIdFault)
    .optional()
    .register(settings, { sentence: 'Id of its voice.', example: 'ukenglishfemale', defaultText: "the portal's own" }),
  telphin: telphinOptions.optional().register(settings, {
    sentence: "What is set for its calls by Telphin; nothing of the site's holds here.",
    example: { srcNum: ['105'] },
    defaultText: 'nothing',
  }),
});

export const fallbackList = z.array(fallbackSettings).max(MAX_FALLBACKS, `Name at most ${MAX_FALLBACKS}: a call is tried three times.`);

/** Stands in the environment alone, where the line of a portal has a variable of its own. */
export const telphinLine = z.strictObject({
  line: checkedText(findLineFault).register(settings, {
    sentence: 'Id of the extension, of the type `phone`, on which your team is rung first.',
    example: '12345',
    env: { name: 'TELPHIN_EXTENSION', form: 'text' },
  }),
});
