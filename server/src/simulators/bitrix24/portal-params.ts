/** Parameters as the portal takes them: query, JSON, or form fields with PHP's brackets. */

export interface Params {
  readonly [name: string]: ParamValue;
}
export type ParamValue = string | number | boolean | null | readonly ParamValue[] | Params;

/** The body wins over the query. A body that cannot be read counts as none, as in the portal. */
export async function readParams(request: Request): Promise<Params> {
  const params = record();
  putFields(params, new URL(request.url).searchParams);
  const body = await request.text();
  if ((request.headers.get('content-type') ?? '').toLowerCase().startsWith('application/json')) {
    const parsed = parseJson(body);
    if (isParams(parsed)) Object.assign(params, parsed);
  } else {
    putFields(params, new URLSearchParams(body));
  }
  return params;
}

export function isParams(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Empty where it is absent or no word. */
export function readParam(params: Params, name: string): string {
  const value = params[name];
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

type Writable = { [name: string]: ParamValue };

/** Without a prototype, so that no name of a field is anything but a name. */
function record(): Writable {
  return Object.create(null) as Writable;
}

/** `FILTER[>=CALL_START_DATE]=…` goes one level down; deeper ones are not needed here. */
function putFields(params: Writable, fields: URLSearchParams): void {
  for (const [name, value] of fields) {
    const [, outer, inner] = /^([^[\]]+)\[([^[\]]+)\]$/.exec(name) ?? [];
    if (outer === undefined || inner === undefined) {
      params[name] = value;
      continue;
    }
    const nested = params[outer];
    params[outer] = Object.assign(record(), isParams(nested) ? nested : {}, { [inner]: value });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
