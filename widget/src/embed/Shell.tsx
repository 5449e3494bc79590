/** What stands in the page: the corner button and its dialog, or the form itself. */
import type { ComponentChildren, VNode } from 'preact';
import { Icon } from '../form/Icon.tsx';

export interface ShellProps {
  /** Scheme, and `pending` while the language is awaited. */
  class: string;
  direction: string;
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
  const { isInline, label, onIntent, children } = props;
  return (
    <div class={`root ${props.class}`} dir={props.direction} lang={props.locale}>
      {isInline && (
        <section class="card" aria-labelledby="title" onFocusIn={onIntent}>
          {children}
        </section>
      )}
      {label && (
        <button
          type="button"
          class={`button main launcher ${props.position}`}
          aria-haspopup="dialog"
          onPointerEnter={onIntent}
          onFocus={onIntent}
          onClick={props.onOpen}
        >
          <Icon name="phone" />
          {label}
        </button>
      )}
      {!isInline && (
        <dialog
          class="card"
          aria-labelledby="title"
          onClose={props.onClosed}
          // Inside, the form fills the dialog to its edge: only the backdrop is the dialog itself.
          onPointerDown={(event) => event.target === event.currentTarget && event.currentTarget.close()}
        >
          {children}
        </dialog>
      )}
    </div>
  );
}
