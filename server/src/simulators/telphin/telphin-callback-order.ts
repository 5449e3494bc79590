/** The body of a callback order, read as strictly as the documentation puts it: every field by its name and its type, and none besides. */
export interface CallbackOrder {
  readonly extensionId: string;
  /** As it came. */
  readonly fields: Readonly<Record<string, unknown>>;
}

type Check = (value: unknown) => boolean;

const text: Check = (value) => typeof value === 'string';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;

const FIELDS: Readonly<Record<string, Check>> = {
  src_num: (value) => Array.isArray(value) && value.length > 0 && value.every(text),
  dst_num: text,
  allow_public_transfer: (value) => typeof value === 'boolean',
  announce_sound_id: count,
  call_duration: count,
  caller_id_name: text,
  caller_id_number: text,
  src_ani: text,
  dst_ani: text,
  dst_announce_sound_id: count,
  dst_dtmf: (value) => typeof value === 'string' && (/^[\d*#Ww]*$/.test(value) || value.includes('$cv(')),
  src_caller_id_name: text,
  src_caller_id_number: text,
  transfer_after_dst_hangup: text,
  transfer_after_src_hangup: text,
  callback_rate_limit: (value) => Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 100,
  variables: (value) => typeof value === 'object' && value !== null && Object.values(value).every(text),
  wait_for_pickup: count,
};

export function isCallbackOrder(body: unknown): body is Readonly<Record<string, unknown>> & { src_num: string[]; dst_num: string } {
  if (typeof body !== 'object' || body === null || !('src_num' in body) || !('dst_num' in body)) return false;
  return Object.entries(body).every(([name, value]) => FIELDS[name]?.(value) ?? false);
}
