/** Several accounts of one application, which it must be possible to tell apart: the application has one address for all its portals. */
import { isJsonObject, type JsonObject } from './config-file.ts';
import type { Contradiction } from './contradictions.ts';

export function findApplicationContradictions({ providers }: JsonObject): Contradiction[] {
  const accounts = Object.entries(isJsonObject(providers) ? providers : {}).flatMap(([name, account]) =>
    isJsonObject(account) && account.type === 'bitrix24_app' && typeof account.clientId === 'string' ? [{ name, account }] : [],
  );
  return accounts.flatMap(({ name, account: { clientId, memberId, portal } }) => {
    const others = accounts.filter((other) => other.name !== name && other.account.clientId === clientId);
    const [other] = others;
    if (other === undefined) return [];
    const place = ['providers', name, 'memberId'];
    if (memberId === undefined && portal === undefined) {
      const message = `The account ${other.name} is of the same application. Say which portal this one is for: its memberId, or its address as "portal".`;
      return [{ place, message }];
    }
    const twin = others.find(({ account }) => isSame(account.memberId, memberId) || isSame(account.portal, portal));
    if (twin === undefined) return [];
    return [{ place, message: `The account ${twin.name} is of the same application in the same portal. One account is enough for it.` }];
  });
}

function isSame(one: unknown, other: unknown): boolean {
  return one !== undefined && one === other;
}
