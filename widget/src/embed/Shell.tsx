/** What stands in the page: the corner button and its dialog, or the form itself. */
import type { Child } from '../draw/jsx-runtime.ts';
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
  children: Child;
}

export function Shell(props: ShellProps): Child {
  const { isInline, label, onIntent, children } = props;
  return (
    <div class={`root ${props.class}`} dir={props.direction} lang={props.locale}>
      {isInline && (
        <section class="card" aria-labelledby="title">
          {children}
        </section>
      )}
      {label && (
        <button
          type="button"
          class={`button main launcher ${props.position}`}
          aria-haspopup="dialog"
          onpointerenter={onIntent}
          onfocus={onIntent}
          onclick={props.onOpen}
        >
          <Icon name="phone" />
          {label}
        </button>
      )}
      {!isInline && (
        <dialog
          class="card"
          aria-labelledby="title"
          onclose={props.onClosed}
          // Inside, the form fills the dialog to its edge: only the backdrop is the dialog itself.
          onpointerdown={(event) => event.target === event.currentTarget && event.currentTarget.close()}
        >
          {children}
        </dialog>
      )}
    </div>
  );
}
