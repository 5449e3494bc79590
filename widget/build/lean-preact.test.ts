import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import * as preact from 'preact';
import { build, type Rolldown } from 'vite';
import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { leanPreact } from './lean-preact.ts';

type Renderer = Pick<typeof preact, 'h' | 'render'>;

let source = '';
let lean: Renderer;

beforeAll(async () => {
  const outcome = await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      lib: { entry: fileURLToPath(import.meta.resolve('preact')), formats: ['es'] },
      rolldownOptions: { plugins: [leanPreact()] },
    },
  });
  const [bundle] = outcome as Rolldown.RolldownOutput[];
  source = bundle?.output[0].code ?? '';
  lean = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`)) as Renderer;
});

afterEach(() => {
  vi.unstubAllGlobals();
});

test.each(['innerHTML', 'cssText', 'context', 'render', 'state', 'setState', 'then', 'ref', 'current', 'debounceRendering', 'xlink'])(
  'nothing is left of %s',
  (word) => {
    expect(source).not.toMatch(new RegExp(`\\.${word}\\b`));
  },
);

test('no component counts on what is left out', () => {
  const folder = join(import.meta.dirname, '../src');
  const components = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
  expect(components.length).toBeGreaterThan(5);
  for (const file of components) {
    const code = readFileSync(join(folder, file), 'utf8');
    expect(code, file).not.toMatch(/\s(?:ref|style|list|form|download|popover|dangerouslySetInnerHTML|default[A-Z]\w+|\w+Capture)=/);
    expect(code, file).not.toMatch(/<(?:Fragment|progress|textarea|template|math|foreignObject|table|img|video)\b|<>/);
  }
});

test('whatever is drawn after whatever: the very nodes that the whole Preact makes, keeps and moves', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(anyTree, SOME), fc.array(anyList, SOME)), (trees) => {
      expect(drawAll(lean, trees)).toEqual(drawAll(preact, trees));
    }),
    { numRuns: 2_000 },
  );
});

/** A tree before it is drawn: text, nothing, or an element or component with its children. */
type Tree = string | number | boolean | null | undefined | readonly Tree[] | Drawn;
interface Drawn {
  tag: string;
  /** Drawn by a component that returns the element, or a list of it and nothing. */
  within?: 'component' | 'list' | undefined;
  props: Readonly<Record<string, unknown>>;
  children: readonly Tree[];
}

const anyProps = fc.record(
  {
    key: fc.constantFrom('a', 'b', 'c'),
    class: fc.constantFrom('one', 'two', ''),
    title: fc.constantFrom('words', undefined),
    value: fc.constantFrom('', '1', 2),
    checked: fc.boolean(),
    disabled: fc.boolean(),
    tabIndex: fc.constant(-1),
    'aria-invalid': fc.boolean(),
    onClick: fc.constantFrom(
      () => {},
      () => 1,
    ),
  },
  { requiredKeys: [] },
);

const { tree: anyTree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<Tree>('text', '', 7, null, undefined, false, true),
    fc.record({
      tag: fc.constantFrom('p', 'div', 'input', 'svg', 'path'),
      within: fc.constantFrom(undefined, undefined, 'component' as const, 'list' as const),
      props: anyProps,
      children: fc.array(tie('tree'), { maxLength: 5 }),
    }),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
}));

/** The same few over and over, in another order each time. */
const anyList = fc
  .shuffledSubarray(['a', 'b', 'c', 'd', 'e', 'f', 'g'])
  .map((keys) => ({ tag: 'div', props: {}, children: keys.map((key) => ({ tag: 'p', props: { key }, children: [key] })) }));

const SOME = { minLength: 1, maxLength: 4 };

/** What the page is after each of the trees, with the number of each node in the order of their making. */
function drawAll({ h, render }: Renderer, trees: readonly Tree[]): string[] {
  const page = fakePage();
  vi.stubGlobal('document', page.document);
  return trees.map((tree) => {
    render(toNode(h, tree), page.root as unknown as Element);
    return page.describe();
  });
}

const Component = ({ drawn }: { drawn: preact.ComponentChildren }): preact.VNode => drawn as preact.VNode;

function toNode(h: typeof preact.h, tree: Tree): preact.ComponentChild {
  if (Array.isArray(tree)) return tree.map((each) => toNode(h, each)) as unknown as preact.ComponentChild;
  if (tree === null || typeof tree !== 'object') return tree as preact.ComponentChild;
  const { tag, within, props, children } = tree as Drawn;
  const element = h(tag, props, ...children.map((each) => toNode(h, each)));
  if (within === undefined) return element;
  const { key } = props as { key?: string };
  return h(Component, { key, drawn: within === 'list' ? [null, element, false] : element });
}

/** As much of a document as a renderer touches. */
function fakePage() {
  let made = 0;

  class FakeNode {
    readonly id = made++;
    readonly attributes = new Map<string, unknown>();
    readonly listeners = new Set<string>();
    readonly childNodes: FakeNode[] = [];
    parentNode: FakeNode | null = null;
    disabled = false;
    checked = false;
    value: unknown = '';
    constructor(
      readonly name: string,
      public data = '',
    ) {}
    get ownerDocument() {
      return document;
    }
    get firstChild(): FakeNode | null {
      return this.childNodes[0] ?? null;
    }
    get nextSibling(): FakeNode | null {
      const siblings = this.parentNode?.childNodes ?? [];
      return siblings[siblings.indexOf(this) + 1] ?? null;
    }
    insertBefore(node: FakeNode, before: FakeNode | null): void {
      node.remove();
      this.childNodes.splice(before ? this.childNodes.indexOf(before) : this.childNodes.length, 0, node);
      node.parentNode = this;
    }
    remove(): void {
      this.parentNode?.childNodes.splice(this.parentNode.childNodes.indexOf(this), 1);
      this.parentNode = null;
    }
    setAttribute(name: string, value: unknown): void {
      this.attributes.set(name, `${value}`);
    }
    removeAttribute(name: string): void {
      this.attributes.delete(name);
    }
    addEventListener(name: string): void {
      this.listeners.add(name);
    }
    removeEventListener(name: string): void {
      this.listeners.delete(name);
    }
    describe(): unknown {
      const { id, name, data, attributes, listeners, disabled, checked, value, childNodes } = this;
      return [id, name, data, [...attributes].sort(), [...listeners], disabled, checked, value, childNodes.map((each) => each.describe())];
    }
  }

  const document = {
    createElementNS: (namespace: string, name: string) => new FakeNode(`${namespace} ${name}`),
    createTextNode: (data: string) => new FakeNode('', `${data}`),
  };
  const root = new FakeNode('root');
  return { document, root, describe: () => JSON.stringify(root.describe()) };
}
