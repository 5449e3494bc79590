/** What stands in the page: the corner button and its dialog, or the form itself. */
import type { ComponentChildren, VNode } from 'preact';
import { Icon } from '../form/Icon.tsx';

export interface ShellProps {
  /** Scheme, and `pending` while the language is awaited. */
  class: string;
  direction: 'ltr' | 'rtl';
  locale: string;
  isInline: boolean;
  /** Absent: no corner button is drawn. */
  label: string | undefined;
  position: string;
  onIntent: () => void;
  onOpen: () => void;
  /** Whoever closed it: Escape, the backdrop, the cross. */
  onClosed: () => void;
  /** The form; absent while the dialog is closed. */
  children: ComponentChildren;
}

export function Shell(props: ShellProps): VNode {
  return (
    <div class={`root ${props.class}`} dir={props.direction} lang={props.locale}>
      {props.isInline ? (
        <section class="card" aria-labelledby="title" onFocusIn={props.onIntent}>
          {props.children}
        </section>
      ) : (
        <>
          {props.label && <Launcher {...props} />}
          <dialog
            class="card"
            aria-labelledby="title"
            onClose={props.onClosed}
            // The card fills the dialog but for its padding; what lies outside of its box is the backdrop.
            onPointerDown={(event) => isOutside(event) && event.currentTarget.close()}
          >
            {props.children}
          </dialog>
        </>
      )}
    </div>
  );
}

function Launcher({ label, position, onIntent, onOpen }: ShellProps): VNode {
  return (
    <button
      type="button"
      class={`button main launcher ${position}`}
      aria-haspopup="dialog"
      onPointerEnter={onIntent}
      onFocus={onIntent}
      onClick={onOpen}
    >
      <Icon name="phone" />
      {label}
    </button>
  );
}

function isOutside({ currentTarget, target, clientX, clientY }: PointerEvent & { currentTarget: HTMLElement }): boolean {
  if (target !== currentTarget) return false;
  const { left, right, top, bottom } = currentTarget.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
