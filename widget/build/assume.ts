/** Partial evaluation of a module by hand: expressions are replaced by what they are known to be, and the minifier drops the rest. */
import { parseAst } from 'vite';

/** Expression or statement → code in its place. A key that ends with `…` stands for all that begins so. Spaces and comments do not count. */
export type Assumptions = Readonly<Record<string, string>>;

interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** `unread`: parameters that are dropped, and the arguments of that name. Throws where an assumption is about nothing in `code`. */
export function assume(code: string, assumptions: Assumptions, unread: readonly string[] = []): string {
  const rules = Object.entries(assumptions).map(([key, text]) => ({ key, start: squeeze(key), text }));
  const used = new Set<string>();
  const edits: Edit[] = [];
  visit(parseAst(code));
  const missing = rules.find(({ key }) => !used.has(key));
  if (missing) throw new Error(`Not found any more, so look at it anew: ${missing.key}`);
  return edits.sort((left, right) => right.start - left.start).reduce(applyEdit, code);

  function visit(node: SyntaxNode): void {
    const rule = findRule(node);
    if (rule) {
      used.add(rule.key);
      edits.push({ start: node.start, end: node.end, text: rule.text });
      return;
    }
    for (const [role, value] of Object.entries(node)) {
      const children = (Array.isArray(value) ? value : [value]).filter(isNode);
      if (role === 'params' || role === 'arguments') dropUnread(children).forEach(visit);
      else if (!isName(node, role)) children.forEach(visit);
    }
  }

  function findRule({ type, start, end }: SyntaxNode): (typeof rules)[number] | undefined {
    if (type === 'Program' || type === 'VariableDeclarator') return undefined;
    const source = squeeze(code.slice(start, end));
    return rules.find((rule) => (rule.start.endsWith('…') ? source.startsWith(rule.start.slice(0, -1)) : source === rule.start));
  }

  function dropUnread(list: readonly SyntaxNode[]): readonly SyntaxNode[] {
    return list.filter((each, at) => {
      if (!unread.includes(code.slice(each.start, each.end))) return true;
      edits.push({ start: each.start, end: list[at + 1]?.start ?? each.end, text: '' });
      return false;
    });
  }
}

function applyEdit(code: string, { start, end, text }: Edit): string {
  return code.slice(0, start) + text + code.slice(end);
}

/** Whether what plays that role in the node is a name or written to, and no value is read there. */
function isName(node: SyntaxNode, role: string): boolean {
  switch (node.type) {
    case 'MemberExpression':
      return role === 'property' && 'computed' in node && !node.computed;
    case 'AssignmentExpression':
      return role === 'left';
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
      return role === 'id';
    case 'Property':
      return role === 'key' || ('shorthand' in node && node.shorthand === true);
    case 'ImportDeclaration':
    case 'ExportSpecifier':
      return true;
    default:
      return false;
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value && 'end' in value;
}

function squeeze(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|\/\/.*|\s+/g, '');
}
