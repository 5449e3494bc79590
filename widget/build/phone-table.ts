import type { Plugin } from 'vite';

export function phoneTable(): Plugin {
  return { name: 'ringback:phone-table' };
}
