/** The few drawings of the form, as paths on a 24-unit grid. */
import type { VNode } from 'preact';

const PATHS = {
  phone:
    'M7.2 3.5 9.6 8 7.8 10.1a13 13 0 0 0 6.1 6.1l2.1-1.8 4.5 2.4v2.4a1.8 1.8 0 0 1-2 1.8C10.3 20.3 3.7 13.7 3 5.5a1.8 1.8 0 0 1 1.8-2z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 6v7m0 4.5v.1',
  close: 'm6 6 12 12M18 6 6 18',
  open: 'm6 9 6 6 6-6',
} as const;

export type IconName = keyof typeof PATHS;

/** `size` in CSS pixels. Says nothing to a screen reader: the words beside it do. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): VNode {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
