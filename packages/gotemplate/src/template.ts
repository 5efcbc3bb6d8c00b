// SPDX-License-Identifier: Apache-2.0

import type { Body } from './body.ts';
import type { Executable, Program } from './exec/machine.ts';
import type { NodeRef } from './exec/node-ref.ts';
import type { Source } from './node.ts';

/** A parsed template under its name. */
export class Template implements Executable {
  readonly name: string;
  readonly source: Source;
  readonly body: Body;
  #observed: Executable | undefined;

  constructor(name: string, source: Source, body: Body) {
    this.name = name;
    this.source = source;
    this.body = body;
  }

  program(): Program {
    return this.body.program();
  }

  shown(ref: NodeRef): string {
    return this.body.shown(ref);
  }

  /** The same, telling the run's observer of each statement. */
  observed(): Executable {
    const { name, source } = this;
    if (this.#observed === undefined) {
      const program = this.body.observed(source);
      this.#observed = { name, source, program: () => program, shown: (ref) => this.shown(ref) };
    }
    return this.#observed;
  }
}
