/** Something is wrong, in words, under what it belongs to; spoken at once. */
// biome-ignore lint/correctness/noUnusedImports: JSX becomes calls to it
import { h, type VNode } from 'preact';

export function Alert({ text }: { text: string }): VNode {
  return (
    <p id="fault" class="fault" role="alert">
      {text}
    </p>
  );
}
