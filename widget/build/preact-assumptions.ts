/**
 * What is always so on a page with the widget, and what Preact's own code therefore comes to: file → expression or statement → what
 * stands in its place. `…` is the rest of a statement. Whoever updates Preact looks at these anew; the build fails where one is not found.
 */
import type { Assumptions } from './assume.ts';

export const ASSUMPTIONS: Readonly<Record<string, Assumptions>> = {
  'create-element.js': {
    // Nobody asks for a reference.
    "i == 'ref' && typeof type != 'function'": 'false',
    'return createVNode(type, normalizedProps, key, ref, NULL);': 'return createVNode(type, normalizedProps, key);',
    // What is not here is only read for references, hooks, copies and components with a state.
    'const vnode = {…':
      'const vnode = { type, props, key, _children: NULL, _parent: NULL, _dom: NULL, constructor: VNODE_MARKER, _index: -1, _flags: 0 };',
    'if (!original && options.vnode) options.vnode(vnode);': ';',
  },

  'render.js': {
    // Into an empty shadow root, never over what a server has drawn.
    'if (options._root) options._root(vnode, parentDom);': ';',
    'if (parentDom.nodeType == 9) {…': ';',
    'let isHydrating = vnode && vnode._flags & MODE_HYDRATE;': ';',
    isHydrating: 'false',
    'let commitQueue = [], refQueue = [];': ';',
    'diff(…': 'diff(parentDom, parentDom._children, oldVNode || EMPTY_OBJ, parentDom.namespaceURI, oldVNode && oldVNode._dom)',
    'commitRoot(commitQueue, parentDom._children, refQueue);': ';',
  },

  'component.js': {
    // No component has a state.
    'BaseComponent.prototype.setState = …': ';',
    'BaseComponent.prototype.forceUpdate = …': ';',
    'BaseComponent.prototype.render = Fragment;': ';',
    // No portals.
    "typeof vnode.type == 'function' && !vnode.props._parentDom": "typeof vnode.type == 'function'",
  },

  'diff/index.js': {
    // No promise is thrown, no hook is set.
    'if (oldVNode._flags & MODE_SUSPENDED && …': ';',
    'if ((tmp = options._diff)) tmp(newVNode);': ';',
    'if ((tmp = options.diffed)) tmp(newVNode);': ';',
    // A component is a function of its properties: no class, no context, no boundary for errors, no fragment returned.
    'let oldCommitQueueLength = commitQueue.length;': ';',
    'try { let c, oldProps, …': `
      tmp = newType(newVNode.props);
      oldDom = diffChildren(parentDom, isArray(tmp) ? tmp : [tmp], newVNode, oldVNode, namespace, oldDom);`,
    // Nothing on the page is taken over.
    isHydrating: 'false',
    excessDomChildren: 'null',
    'if (isHydrating) {…': ';',
    'excessDomChildren = NULL;': ';',
    "excessDomChildren = nodeType == 'textarea' && …": ';',
    // One document, no registry of elements, HTML and one kind of SVG.
    'const doc = parentDom.ownerDocument || document;': ';',
    doc: 'document',
    'dom = doc.createElementNS(…': 'dom = document.createElementNS(namespace, nodeType);',
    "(nodeType == 'template' && dom.content) || dom": 'dom',
    "nodeType == 'math'": 'false',
    "nodeType == 'foreignObject' || …": 'false',
    // No HTML as text, no uncontrolled field, no progress bar.
    "i == 'dangerouslySetInnerHTML'": 'false',
    newHtml: 'undefined',
    oldHtml: 'undefined',
    "!(i == 'value' && 'defaultValue' in newProps)": 'true',
    "!(i == 'checked' && 'defaultChecked' in newProps)": 'true',
    "nodeType == 'progress' && inputValue == NULL": 'false',
    "nodeType == 'progress' && !inputValue": 'false',
    // Nothing is to be told to what goes, and nothing of it is kept.
    'if (options.unmount) options.unmount(vnode);': ';',
    'if ((r = vnode.ref) && …': ';',
    'if ((r = vnode._component)) {…': ';',
    "typeof vnode.type == 'function' ? skipRemove && !vnode.props._parentDom : true": "typeof vnode.type != 'function' || skipRemove",
    'if (!skipRemove && (r = vnode._component) && …': ';',
    'vnode._dom = vnode._component = vnode._parent = NULL': 'vnode._dom = NULL',
  },

  'diff/children.js': {
    'if (oldVNode.ref != childVNode.ref || …': ';',
    // Children are elements, text, numbers, arrays or nothing, and each is made anew for every render.
    "typeof childVNode == 'function'": 'false',
    'childVNode.constructor === String': 'false',
    'childVNode.constructor === VNODE_MARKER && childVNode._depth': 'false',
    'childVNode._depth = newParentVNode._depth + 1;': ';',
    '!oldVNode || !oldVNode._original': '!oldVNode',
    'oldDom = insert(childVNode, oldDom, parentDom, !oldVNode._original);':
      'oldDom = insert(childVNode, oldDom, parentDom, oldVNode == EMPTY_OBJ);',
    'children[i]._parent = parentVNode;': ';',
    // No portals, nothing is put aside until a promise is kept, and nobody else writes into the shadow root.
    'if (parentVNode.props._parentDom) return oldDom;': ';',
    'if (oldDom && !oldDom.parentNode) {…': ';',
    'while (next && next.nodeType == 8) next = next.nextSibling;': ';',
    'while ((oldDom = oldDom && oldDom.nextSibling) && …': 'oldDom = oldDom && oldDom.nextSibling;',
  },

  'diff/props.js': {
    // No inline style: no content security policy has to allow it.
    "name == 'style'": 'false',
    // Listeners are functions, of events in lower case, and none is for the capture phase.
    "if (typeof value != 'function') value = NULL;": ';',
    "if (typeof oldValue != 'function') oldValue = NULL;": ';',
    "if (typeof value == 'function') return;": ';',
    'useCapture = name != …': ';',
    useCapture: 'false',
    "if (name[0] < 'a') name = name.toLowerCase();": 'name = name.toLowerCase();',
    'options.event ? options.event(e) : e': 'e',
    // Attributes of drawings have their own names; those left out here, no HTML element has.
    'name = name.replace(/xlink…': ';',
    ...Object.fromEntries(
      ['width', 'height', 'list', 'form', 'download', 'rowSpan', 'colSpan', 'popover'].map((name) => [`name != '${name}'`, 'true']),
    ),
    "name == 'popover' && value == true ? '' : value": 'value',
  },
};

/** Handed down everywhere, and by the above never read. */
export const UNREAD_PARAMETERS: readonly string[] = [
  ...['globalContext', 'excessDomChildren', 'isHydrating', 'commitQueue', 'refQueue', 'ref', 'original'],
];
