/** Objects of the file whose keys the operator chooses. A Map has no prototype that such a key could reach. */
import * as z from 'zod';
import { checkedText } from './setting.ts';
import { findKeyFault } from './site-values.ts';

export function mapOf<Value extends z.ZodType>(value: Value, findFault: (key: string) => string | undefined = findKeyFault) {
  const toMap = (given: unknown) => (isObject(given) ? new Map(Object.entries(given)) : given);
  return z.preprocess(toMap, z.map(checkedText(findFault), value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
