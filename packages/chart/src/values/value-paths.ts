// SPDX-License-Identifier: Apache-2.0

import type { BranchNode, Node, PipeNode } from '@helm-operator/gotemplate';

type Path = readonly string[];

/**
 * The values that an action names: `.Values.a`, `$.Values.a`, and fields of dot inside `with` and `range` over values.
 *
 * Dot of an included template is taken for the top, as charts pass it.
 * @param within what the action stands in, the outermost first
 * @returns paths below `.Values`; a `range` over a list stops at the list
 */
export function valuePathsOf(node: Node, within: readonly BranchNode[]): readonly Path[] {
  const paths = namedIn(node, dotOf(within)).map((path) => path.slice(1));
  const texts = new Set<string>();
  return paths.filter((path) => {
    const text = path.join('\0');
    return !texts.has(text) && texts.add(text);
  });
}

/** What dot is, as a path from the top; `undefined` where nobody knows. */
function dotOf(within: readonly BranchNode[]): Path | undefined {
  let dot: Path | undefined = [];
  for (const { kind, pipe } of within) {
    if (kind === 'if') continue;
    dot = pathOf(pipe, dot);
  }
  return dot;
}

function pathOf(pipe: PipeNode, dot: Path | undefined): Path | undefined {
  const [command, ...others] = pipe.commands;
  const [operand, ...args] = command?.args ?? [];
  if (operand === undefined || others.length + args.length > 0) return undefined;
  return pathOfOperand(operand, dot);
}

function pathOfOperand(node: Node, dot: Path | undefined): Path | undefined {
  if (node.kind === 'dot') return dot;
  if (node.kind === 'field') return dot && [...dot, ...node.path];
  if (node.kind === 'variable' && node.path[0] === '$') return node.path.slice(1);
  return undefined;
}

function namedIn(node: Node, dot: Path | undefined): Path[] {
  switch (node.kind) {
    case 'action':
    case 'if':
    case 'with':
    case 'range':
      return namedIn(node.pipe, dot);
    case 'template':
      return node.pipe === undefined ? [] : namedIn(node.pipe, dot);
    case 'pipe':
      return node.commands.flatMap((command) => namedIn(command, dot));
    case 'command':
      return node.args.flatMap((arg) => namedIn(arg, dot));
    case 'chain':
      return namedIn(node.base, dot);
    default: {
      const path = pathOfOperand(node, dot);
      return path?.[0] === 'Values' ? [path] : [];
    }
  }
}
