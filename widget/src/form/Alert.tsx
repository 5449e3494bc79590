/** Something is wrong, in words, under what it belongs to; spoken at once. */
import type { Child } from '../draw/jsx-runtime.ts';

export function Alert({ text }: { text: string }): Child {
  return (
    <p id="fault" class="fault" role="alert">
      {text}
    </p>
  );
}
