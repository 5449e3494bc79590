/** The few drawings of the form, as paths on a 24-unit grid. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';

const PATHS = {
  phone: 'M7 3 9 8 7 10a13 13 0 0 0 7 7l2-2 5 2v2a2 2 0 0 1-2 2A16 16 0 0 1 3 5a2 2 0 0 1 2-2z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 4v10m0 5v.1',
  close: 'm6 6 12 12M18 6 6 18',
  open: 'm6 9 6 6 6-6',
} as const;

/** `size` in CSS pixels. Says nothing to a screen reader: the words beside it do. */
export function Icon({ name, size = 20 }: { name: keyof typeof PATHS; size?: number }): VNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
