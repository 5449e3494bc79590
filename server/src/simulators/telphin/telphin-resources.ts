/** What a request was for, as far as misbehaviour can be staged for it. */
export type TelphinResource =
  | 'token'
  | 'callback'
  | 'history'
  | 'current_calls'
  | 'event'
  | 'registration'
  | 'extension'
  | 'sound'
  | 'user'
  | 'unknown';

export function resourceOf(path: string): TelphinResource {
  return RESOURCES.find(([pattern]) => pattern.test(path))?.[1] ?? 'unknown';
}

const RESOURCES: readonly (readonly [RegExp, TelphinResource])[] = [
  [/^\/oauth\/token$/, 'token'],
  [/^\/api\/ver1\.0\/extension\/[^/]+\/callback\/$/, 'callback'],
  [/^\/api\/ver1\.0\/extension\/[^/]+\/current_calls\//, 'current_calls'],
  [/^\/api\/ver1\.0\/extension\/[^/]+\/event\//, 'event'],
  [/^\/api\/ver1\.0\/client\/(?:@me|1)\/call_history\//, 'history'],
  [/^\/api\/ver1\.0\/extension\/[^/]+\/registration\/$/, 'registration'],
  [/^\/api\/ver1\.0\/client\/(?:@me|1)\/extension\/$/, 'extension'],
  [/^\/api\/ver1\.0\/client\/(?:@me|1)\/sound\/$/, 'sound'],
  [/^\/api\/ver1\.0\/user\/$/, 'user'],
];
