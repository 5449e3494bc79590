/** Makes the children of a node what they are described to be, and touches only what differs. */
import type { Child, VNode } from './jsx-runtime.ts';

/**
 * Children are matched by position, and what is absent (`false`, `undefined`) keeps its position; so an element that stays, stays the
 * same element, with its focus, its cursor and its place as a live region.
 */
export function draw(parent: Node, child: Child): void {
  const wanted = ([child] as unknown[]).flat(Number.POSITIVE_INFINITY) as Exclude<Child, readonly Child[]>[];
  for (const [index, each] of wanted.entries()) {
    const present = parent.childNodes[index];
    const node = isElement(each) ? drawElement(parent, present, each) : drawText(present, each);
    if (!present) parent.appendChild(node);
    else if (node !== present) parent.replaceChild(node, present);
  }
  while (parent.childNodes[wanted.length]) parent.lastChild?.remove();
}

function isElement(child: Exclude<Child, readonly Child[]>): child is VNode {
  return typeof child === 'object' && child !== null;
}

function drawText(present: Node | undefined, content: string | number | boolean | null | undefined): Node {
  const text = typeof content === 'string' || typeof content === 'number' ? `${content}` : '';
  if (!(present instanceof Text)) return new Text(text);
  if (present.data !== text) present.data = text;
  return present;
}

const SVG = 'http://www.w3.org/2000/svg';

/** What was given to an element the last time, so that what is no longer given can be taken back. */
const given = new WeakMap<Element, VNode['props']>();

function drawElement(parent: Node, present: Node | undefined, { type, props, children }: VNode): Element {
  const isSvg = type === 'svg' || parent instanceof SVGElement;
  const element =
    present instanceof Element && present.localName === type
      ? present
      : isSvg
        ? document.createElementNS(SVG, type)
        : document.createElement(type);
  // First: a select can't take the value of an option that it does not have yet.
  draw(element, children);
  for (const name in { ...given.get(element), ...props }) setProp(element as Element & Record<string, unknown>, name, props[name]);
  given.set(element, props);
  return element;
}

/** Compared with what is really there, because a visitor types and ticks too. */
function setProp(element: Element & Record<string, unknown>, name: string, value: unknown): void {
  if (typeof value === 'boolean' || name === 'value' || name.startsWith('on')) {
    if (element[name] !== value) element[name] = value ?? null;
  } else if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, `${value}`);
}
