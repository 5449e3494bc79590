/** Files beside the database have to be the relay's, also where a command made them that another user gave. */
import { chownSync, statSync } from 'node:fs';

/** Gives `path` to whom `owned` belongs. Only root can give anything away; whatever anybody else makes stays their own. */
export function giveToOwnerOf(owned: string, path: string): void {
  if (process.geteuid?.() !== 0) return;
  const owner = statSync(owned, { throwIfNoEntry: false });
  if (owner !== undefined && owner.uid !== statSync(path).uid) chownSync(path, owner.uid, owner.gid);
}

/** Whether what this process makes there belongs to whom `owned` belongs. */
export function makesForOwnerOf(owned: string): boolean {
  const user = process.geteuid?.();
  return user === undefined || user === 0 || user === statSync(owned).uid;
}
