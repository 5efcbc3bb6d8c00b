// SPDX-License-Identifier: Apache-2.0

import { sprintf, type Value } from '@helm-operator/gocompat';
import { TemplateParseError } from '../errors.ts';
import { type Item, type ItemKind, type Lexer, printItem } from '../lex.ts';

/**
 * Three items of look-ahead over a lexer, and the errors that name the current line.
 *
 * Every `define` and `block` has its own look-ahead over the shared lexer, as in Go: error lines depend on it.
 * Source: Go 1.26 text/template/parse/parse.go
 */
export class Items {
  readonly #lexer: Lexer;
  readonly #templateName: string;
  #ahead: [Item, Item, Item] = [NOTHING, NOTHING, NOTHING];
  #count = 0;
  /** Line of the action being read; 0 outside of actions. */
  actionLine = 0;

  constructor(lexer: Lexer, templateName: string) {
    this.#lexer = lexer;
    this.#templateName = templateName;
  }

  next(): Item {
    if (this.#count > 0) this.#count--;
    else this.#ahead[0] = this.#lexer.next();
    return this.#at(this.#count);
  }

  peek(): Item {
    if (this.#count > 0) return this.#at(this.#count - 1);
    this.#count = 1;
    this.#ahead[0] = this.#lexer.next();
    return this.#ahead[0];
  }

  nextNonSpace(): Item {
    for (;;) {
      const item = this.next();
      if (item.kind !== 'space') return item;
    }
  }

  peekNonSpace(): Item {
    const item = this.nextNonSpace();
    this.backup();
    return item;
  }

  /** Gives the last item back. */
  backup(): void {
    this.#count++;
  }

  /** Gives back two items: `first`, then the last one. */
  backup2(first: Item): void {
    this.#ahead[1] = first;
    this.#count = 2;
  }

  /** Gives back three items: `first`, `second`, then the last one. */
  backup3(first: Item, second: Item): void {
    this.#ahead[1] = second;
    this.#ahead[2] = first;
    this.#count = 3;
  }

  /** @throws {TemplateParseError} `gotemplate/parse` where the next item is none of `kinds` */
  expect(context: string, ...kinds: readonly ItemKind[]): Item {
    const item = this.nextNonSpace();
    return kinds.includes(item.kind) ? item : this.unexpected(item, context);
  }

  unexpected(item: Item, context: string): never {
    if (item.kind !== 'error') return this.fail('unexpected %s in %s', printItem(item), context);
    let extra = '';
    if (this.actionLine !== 0 && this.actionLine !== item.line) {
      const verb = item.text.endsWith(' action') ? '' : ' in action';
      extra = `${verb} started at ${this.#templateName}:${this.actionLine}`;
    }
    return this.fail('%s%s', item.text, extra);
  }

  fail(format: string, ...args: readonly Value[]): never {
    const line = this.#ahead[0].line;
    // The name is part of the format in Go too: a percent sign in it eats arguments.
    const message = sprintf(`template: ${this.#templateName}:${line}: ${format}`, [...args]);
    throw new TemplateParseError(message, { templateName: this.#templateName, line });
  }

  #at(index: number): Item {
    return this.#ahead[index] ?? NOTHING;
  }
}

const NOTHING: Item = { kind: 'error', pos: 0, text: '', line: 0 };
