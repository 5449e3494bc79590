/**
 * What JSX means here: plain descriptions of elements, components already called. A whole view library would be a quarter of the
 * script's byte budget, and a form that is drawn anew from one state needs none of its memory. The compiler asks for this name.
 */

export type Child = VNode | string | number | boolean | null | undefined | readonly Child[];

export interface VNode {
  readonly type: string;
  readonly props: Readonly<Record<string, unknown>>;
  readonly children: Child;
}

type Component<P> = (props: P) => Child;

export function jsx<P extends { children?: Child }>(type: string | Component<P>, props: P): Child {
  if (typeof type === 'function') return type(props);
  const { children, ...rest } = props;
  return { type, props: rest, children };
}

export { jsx as jsxs };

export function Fragment({ children }: { children?: Child }): Child {
  return children;
}

type Handler<E, Target> = (event: E & { currentTarget: Target }) => void;

/** Attributes by their names in HTML, as text; properties where the value is true or false. */
interface Props<Target> {
  children?: Child;
  /** For linters; children are matched by position. */
  key?: string;
  readonly [aria: `aria-${string}`]: string | undefined;
  id?: string;
  class?: string;
  role?: string;
  dir?: string;
  lang?: string;
  tabindex?: string;
  type?: string;
  for?: string;
  href?: string;
  rel?: string;
  target?: string;
  inputmode?: string;
  autocomplete?: string;
  maxlength?: string;
  value?: string;
  checked?: boolean;
  disabled?: boolean;
  readOnly?: boolean;
  required?: boolean;
  noValidate?: boolean;
  width?: string;
  height?: string;
  viewBox?: string;
  d?: string;
  onclick?: Handler<MouseEvent, Target>;
  onpointerenter?: Handler<PointerEvent, Target>;
  onpointerdown?: Handler<PointerEvent, Target>;
  onfocus?: Handler<FocusEvent, Target>;
  oninput?: Handler<Event, Target>;
  onchange?: Handler<Event, Target>;
  onsubmit?: Handler<Event, Target>;
  onclose?: Handler<Event, Target>;
}

type Elements = Omit<HTMLElementTagNameMap, 'svg'> & Pick<SVGElementTagNameMap, 'svg' | 'path'>;

export declare namespace JSX {
  type Element = Child;
  type IntrinsicElements = { [Tag in keyof Elements]: Props<Elements[Tag]> };
  interface ElementChildrenAttribute {
    children: unknown;
  }
}
