// SPDX-License-Identifier: Apache-2.0

/** Pages in a real browser: Chromium without a window, driven over the two pipes of its DevTools protocol. */

import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where Chromium is: `CHROMIUM`, or a known name in `PATH`; `undefined` where there is none. */
export function findChromium(): string | undefined {
  const given = process.env['CHROMIUM'];
  if (given !== undefined && given !== '') return given;
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** One page. */
export interface Page {
  /** The value of an expression, awaited; it must be JSON. @throws {Error} what the page threw */
  evaluate(expression: string): Promise<unknown>;
}

interface Evaluated {
  readonly result: { readonly value?: unknown };
  readonly exceptionDetails?: {
    readonly text: string;
    readonly exception?: { readonly description?: string };
  };
}

/** Opens `url` in a browser of its own, which ends with `run`. */
export async function withPage<T>(
  chromium: string,
  url: string,
  run: (page: Page) => Promise<T>,
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'helm-operator-chromium-'));
  const browser = new Browser(chromium, profile);
  try {
    const { targetId } = (await browser.send('Target.createTarget', { url: 'about:blank' })) as {
      targetId: string;
    };
    const { sessionId } = (await browser.send('Target.attachToTarget', {
      targetId,
      flatten: true,
    })) as { sessionId: string };
    const loaded = browser.happens('Page.loadEventFired');
    await browser.send('Page.enable', {}, sessionId);
    await browser.send('Page.navigate', { url }, sessionId);
    await loaded;
    return await run({
      evaluate: async (expression) => {
        const { result, exceptionDetails } = (await browser.send(
          'Runtime.evaluate',
          { expression, awaitPromise: true, returnByValue: true },
          sessionId,
        )) as Evaluated;
        if (exceptionDetails !== undefined) {
          throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
        }
        return result.value;
      },
    });
  } finally {
    await browser.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Messages are JSON, each with a NUL behind it. */
class Browser {
  readonly #running: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<void>;
  readonly #expected = new Map<string, () => void>();
  #rest = '';
  #count = 0;
  #stderr = '';

  constructor(chromium: string, profile: string) {
    const flags = [
      ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
      ...['--no-first-run', '--disable-background-networking', '--remote-debugging-pipe'],
      `--user-data-dir=${profile}`,
    ];
    this.#running = spawn(chromium, [...flags, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      env: { ...process.env, HOME: profile },
    });
    this.#running.stderr?.on('data', (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString()).slice(-4096);
    });
    const replies = this.#running.stdio[4] as Readable;
    replies.setEncoding('utf8').on('data', (text: string) => this.#receive(text));
    (this.#running.stdio[3] as Writable).on('error', () => {});
    this.#ended = new Promise((resolve) => {
      const end = (): void => {
        for (const { reject } of this.#waiting.values()) {
          reject(new Error(`the browser is gone: ${this.#stderr}`));
        }
        resolve();
      };
      this.#running.once('error', end).once('close', end);
    });
  }

  send(method: string, params: object, sessionId?: string): Promise<unknown> {
    const id = ++this.#count;
    const message = JSON.stringify({ id, method, params, sessionId });
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      (this.#running.stdio[3] as Writable).write(`${message}\0`);
    });
  }

  /** The next event of that name. */
  happens(event: string): Promise<void> {
    return new Promise((resolve) => {
      this.#expected.set(event, resolve);
    });
  }

  async close(): Promise<void> {
    this.#running.kill('SIGKILL');
    await this.#ended;
  }

  #receive(text: string): void {
    const messages = (this.#rest + text).split('\0');
    this.#rest = messages.pop() ?? '';
    for (const message of messages) {
      const { id, method = '', result, error } = JSON.parse(message) as Reply;
      if (id === undefined) {
        this.#expected.get(method)?.();
        continue;
      }
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error !== undefined) waiting?.reject(new Error(error.message));
      else waiting?.resolve(result);
    }
  }
}
