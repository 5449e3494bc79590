/**
 * What an order becomes on the wire. Everything but the visitor's number comes from the operator, and that number is digits after
 * a plus: whatever a visitor writes can neither name a variable (`$cv({…})`) nor reach the request in any other way.
 */
import type { TelphinOptions } from '../../config/config.ts';

/** Names as the platform has them, in the order of its documentation. */
export interface CallbackBody {
  src_num: readonly string[];
  dst_num: string;
  allow_public_transfer: boolean;
  announce_sound_id?: number;
  call_duration?: number;
  caller_id_name?: string;
  caller_id_number?: string;
  src_ani?: string;
  dst_ani?: string;
  dst_announce_sound_id?: number;
  dst_dtmf?: string;
  src_caller_id_name?: string;
  src_caller_id_number?: string;
  transfer_after_dst_hangup?: string;
  transfer_after_src_hangup?: string;
  callback_rate_limit?: number;
  variables?: Readonly<Record<string, string>>;
  wait_for_pickup?: number;
}

/** `agents` is what rings; the platform has every one of them ring at once. */
export function callbackBody(agents: readonly string[], number: string, options: TelphinOptions): CallbackBody {
  return {
    src_num: agents,
    dst_num: number,
    // By default the platform lets either side pass the call on to any number at the company's cost.
    allow_public_transfer: options.allowPublicTransfer ?? false,
    ...(options.announceSoundId !== undefined && { announce_sound_id: options.announceSoundId }),
    ...(options.callDurationS !== undefined && { call_duration: options.callDurationS }),
    ...(options.callerIdName !== undefined && { caller_id_name: options.callerIdName }),
    ...(options.callerIdNumber !== undefined && { caller_id_number: options.callerIdNumber }),
    ...(options.srcAni !== undefined && { src_ani: options.srcAni }),
    ...(options.dstAni !== undefined && { dst_ani: options.dstAni }),
    ...(options.dstAnnounceSoundId !== undefined && { dst_announce_sound_id: options.dstAnnounceSoundId }),
    ...(options.dstDtmf !== undefined && { dst_dtmf: options.dstDtmf }),
    ...(options.srcCallerIdName !== undefined && { src_caller_id_name: options.srcCallerIdName }),
    ...(options.srcCallerIdNumber !== undefined && { src_caller_id_number: options.srcCallerIdNumber }),
    ...(options.transferAfterDstHangup !== undefined && { transfer_after_dst_hangup: options.transferAfterDstHangup }),
    ...(options.transferAfterSrcHangup !== undefined && { transfer_after_src_hangup: options.transferAfterSrcHangup }),
    ...(options.callbackRateLimit !== undefined && { callback_rate_limit: options.callbackRateLimit }),
    ...(options.variables !== undefined && { variables: options.variables }),
    ...(options.waitForPickupS !== undefined && { wait_for_pickup: options.waitForPickupS }),
  };
}

/** Whether a set-up that went round the configuration's own check stays within what is documented. */
export function isInRange({ callbackRateLimit, dstDtmf, callDurationS, waitForPickupS, srcNum, ...rest }: TelphinOptions): boolean {
  const counts = [callDurationS, waitForPickupS, rest.announceSoundId, rest.dstAnnounceSoundId];
  return (
    (callbackRateLimit === undefined || (Number.isInteger(callbackRateLimit) && callbackRateLimit >= 0 && callbackRateLimit <= 100)) &&
    counts.every((count) => count === undefined || (Number.isSafeInteger(count) && count > 0)) &&
    (dstDtmf === undefined || /^[\d*#Ww]+$/.test(dstDtmf) || hasVariable(dstDtmf)) &&
    (srcNum === undefined || srcNum.length > 0)
  );
}

/** What the platform fills in is known to the platform alone. */
function hasVariable(text: string): boolean {
  return text.includes('$cv(') || text.includes('@{');
}

/** The part of the path that names the extension: its id, or a variable of the account; undefined for anything else. */
export function extensionSegment(line: string): string | undefined {
  return /^\d{1,19}$|^@\{\w{1,64}\}$/.test(line) ? encodeURIComponent(line) : undefined;
}

export function isDialable(number: string): boolean {
  return /^\+[1-9]\d{3,14}$/.test(number);
}

/**
 * Ids are 32 hexadecimal digits in every answer that is known. They stand in logs, so what might be a telephone number is taken for
 * none.
 */
export function readCallId(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^[\w.:-]{1,128}$/.test(value)) return undefined;
  return /[A-Za-z]/.test(value) || value.length > LONGEST_NUMBER_DIGITS ? value : undefined;
}

const LONGEST_NUMBER_DIGITS = 20;
