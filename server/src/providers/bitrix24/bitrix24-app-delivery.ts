/**
 * What a portal hands over when the application is installed, in either way: as an event (`ONAPPINSTALL`, and an update that brings
 * new tokens), or by opening the application's page in a frame of the portal.
 * https://apidocs.bitrix24.com/settings/oauth/simple-way.html
 */
import { isToken } from './bitrix24-app-auth.ts';
import { eventNameOf, type Fields, readTs } from './bitrix24-fields.ts';

/** As it came: none of it is proved. */
export interface HandedOver {
  /** A person waits for a page. */
  shown: boolean;
  memberId: string;
  applicationToken: string;
  refreshToken: string;
  serverEndpoint: string | undefined;
  /** Seconds by the portal's clock; undefined where it does not say. */
  ts: number | undefined;
}

/** Undefined where something is missing without which there is no installation. */
export function readHandedOver(fields: Fields): HandedOver | undefined {
  const name = eventNameOf(fields);
  const isEvent = name === 'ONAPPINSTALL' || name === 'ONAPPUPDATE';
  if (!isEvent && !fields.has('auth_id')) return undefined;
  const [memberId, applicationToken, refreshToken, serverEndpoint] = (isEvent ? EVENT : OPENING).map((field) => fields.get(field));
  if (!isToken(memberId) || !isToken(applicationToken) || !isToken(refreshToken)) return undefined;
  return { shown: !isEvent, memberId, applicationToken, refreshToken, serverEndpoint, ts: readTs(fields) };
}

const EVENT = ['auth[member_id]', 'auth[application_token]', 'auth[refresh_token]', 'auth[server_endpoint]'];
const OPENING = ['member_id', 'application_token', 'refresh_id', 'server_endpoint'];
