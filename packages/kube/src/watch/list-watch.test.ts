// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock, settle } from '../../../../test/kit/fake-clock.ts';
import type { JsonObject, WatchEvent } from '../cluster.ts';
import { errorOfAnswer, KubeError } from '../errors.ts';
import { LineSplitter } from './line-splitter.ts';
import { type ListPage, listWatch, type OpenWatch, type WatchSource } from './list-watch.ts';

/** A stream of events that a test feeds. */
class Feed implements AsyncIterable<Uint8Array> {
  readonly how: OpenWatch;
  readonly signal: AbortSignal;
  #chunks: Uint8Array[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(how: OpenWatch, signal: AbortSignal) {
    this.how = how;
    this.signal = signal;
    signal.addEventListener('abort', () => this.end(signal.reason), { once: true });
  }

  send(type: string, object: JsonObject): void {
    this.sendBytes(Buffer.from(`${JSON.stringify({ type, object })}\n`));
  }

  sendBytes(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#wake();
  }

  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        yield chunk;
        continue;
      }
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

interface Story {
  readonly clock: FakeClock;
  readonly log: string[];
  readonly feeds: Feed[];
  readonly pages: (readonly [number, string])[];
  readonly troubles: string[];
  readonly streaming: { isRefused: boolean };
  readonly abort: AbortController;
  readonly ended: Promise<void>;
  last(): Feed;
}

type PageAnswer = (limit: number, token: string) => ListPage;

function begin(options: {
  readonly page?: PageAnswer;
  readonly open?: (how: OpenWatch) => void;
  readonly isRefused?: boolean;
  readonly onEvent?: (event: WatchEvent) => void;
}): Story {
  const clock = new FakeClock();
  const log: string[] = [];
  const feeds: Feed[] = [];
  const pages: (readonly [number, string])[] = [];
  const troubles: string[] = [];
  const streaming = { isRefused: options.isRefused ?? false };
  const abort = new AbortController();
  const source: WatchSource = {
    doing: 'watch things',
    async page(limit, token) {
      pages.push([limit, token]);
      if (options.page === undefined) assert.fail('no page was expected');
      return options.page(limit, token);
    },
    async open(how, signal) {
      options.open?.(how);
      const feed = new Feed(how, signal);
      feeds.push(feed);
      return feed;
    },
  };
  const onEvent = (event: WatchEvent): void => {
    log.push(describe(event));
    options.onEvent?.(event);
  };
  const ended = listWatch(source, onEvent, {
    ...{ clock, random: () => 0, signal: abort.signal, streaming },
    onTrouble: (error) => troubles.push(error.message),
  });
  const last = () => feeds.at(-1) ?? assert.fail('no watch is open');
  return { clock, log, feeds, pages, troubles, streaming, abort, ended, last };
}

function describe(event: WatchEvent): string {
  if (event.type === 'synced') return `synced@${event.resourceVersion}`;
  const metadata = event.object['metadata'] as JsonObject;
  return `${event.type} ${String(metadata['name'])}@${String(metadata['resourceVersion'])}`;
}

function thing(name: string, resourceVersion: string, uid = name): JsonObject {
  return { metadata: { name, namespace: 'n', uid, resourceVersion, managedFields: [] } };
}

function bookmark(resourceVersion: string, isEnd = false): JsonObject {
  const annotations = isEnd ? { 'k8s.io/initial-events-end': 'true' } : {};
  return { metadata: { resourceVersion, annotations } };
}

function page(resourceVersion: string, items: JsonObject[], continueToken = ''): ListPage {
  return { items, resourceVersion, continueToken };
}

async function stop(story: Story): Promise<void> {
  story.abort.abort();
  await story.ended;
  await settle();
  assert.equal(story.clock.sleepers, 0, 'a timer is left');
}

test('a streamed list, then the watch on the same stream', async () => {
  const story = begin({});
  await settle();
  assert.deepEqual(story.last().how, {
    resourceVersion: '',
    mustSendInitial: true,
    timeoutSeconds: 300,
  });
  story.last().send('ADDED', thing('a', '1'));
  story.last().send('ADDED', thing('b', '2'));
  story.last().send('BOOKMARK', bookmark('5', true));
  story.last().send('MODIFIED', thing('a', '6'));
  story.last().send('DELETED', thing('b', '7'));
  await settle();
  assert.deepEqual(story.log, [
    'added a@1',
    'added b@2',
    'synced@5',
    'modified a@6',
    'deleted b@7',
  ]);
  await stop(story);
  assert.ok(story.last().signal.aborted);
});

test('a stream that ends is resumed where it stood, bookmarks counted', async () => {
  const story = begin({});
  await settle();
  story.last().send('BOOKMARK', bookmark('5', true));
  story.last().send('BOOKMARK', bookmark('9'));
  await settle();
  story.last().end();
  await settle();
  assert.equal(story.feeds.length, 2);
  assert.equal(story.last().how.resourceVersion, '9');
  assert.equal(story.last().how.mustSendInitial, false);
  await stop(story);
});

test('410 within the watch: listed again, listeners see the differences only', async () => {
  const story = begin({});
  await settle();
  for (const name of ['same', 'changed', 'gone', 'again']) {
    story.last().send('ADDED', thing(name, '1'));
  }
  story.last().send('BOOKMARK', bookmark('5', true));
  await settle();
  story.log.length = 0;
  story.last().send('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
  await settle();
  assert.equal(story.last().how.mustSendInitial, true);
  story.last().send('ADDED', thing('same', '1'));
  story.last().send('ADDED', thing('changed', '8'));
  story.last().send('ADDED', thing('again', '9', 'another uid'));
  story.last().send('ADDED', thing('new', '10'));
  story.last().send('BOOKMARK', bookmark('12', true));
  await settle();
  assert.deepEqual(story.log, [
    'modified changed@8',
    'deleted again@1',
    'added again@9',
    'added new@10',
    'deleted gone@1',
    'synced@12',
  ]);
  assert.deepEqual(story.troubles, []);
  await stop(story);
});

test('410 at once, again and again, is slowed down', async () => {
  let opened = 0;
  const story = begin({
    open() {
      opened += 1;
      throw errorOfAnswer('watch', 410, '');
    },
  });
  await settle();
  assert.equal(opened, 1);
  await story.clock.advance(500);
  assert.equal(opened, 2);
  await story.clock.advance(999);
  assert.equal(opened, 2);
  await story.clock.advance(1);
  assert.equal(opened, 3);
  await stop(story);
});

test('where streamed lists are refused, lists come in pages, for all watches of the server', async () => {
  const story = begin({
    open(how) {
      if (how.mustSendInitial) throw errorOfAnswer('watch', 422, '{"reason":"Invalid"}');
    },
    page: (_, token) =>
      token === '' ? page('5', [thing('a', '1')], 'more') : page('5', [thing('b', '2')]),
  });
  await settle();
  assert.deepEqual(story.pages, [
    [500, ''],
    [500, 'more'],
  ]);
  assert.deepEqual(story.log, ['added a@1', 'added b@2', 'synced@5']);
  assert.equal(story.streaming.isRefused, true);
  assert.equal(story.last().how.resourceVersion, '5');
  assert.deepEqual(story.troubles, []);
  await stop(story);
});

test('a server that does not know streamed lists never ends one: pages after a minute', async () => {
  const story = begin({ page: () => page('5', [thing('a', '1')]) });
  await settle();
  story.last().send('ADDED', thing('a', '1'));
  await story.clock.advance(59_000);
  assert.equal(story.streaming.isRefused, false);
  await story.clock.advance(1_000);
  assert.equal(story.streaming.isRefused, true);
  await story.clock.advance(500);
  assert.deepEqual(story.log, ['added a@1', 'synced@5']);
  await stop(story);
});

test('a streamed list that is cut is streamed again', async () => {
  const story = begin({});
  await settle();
  story.last().send('ADDED', thing('a', '1'));
  await settle();
  story.last().end();
  await story.clock.advance(500);
  assert.equal(story.streaming.isRefused, false);
  assert.equal(story.last().how.mustSendInitial, true);
  story.last().send('ADDED', thing('a', '1'));
  story.last().send('BOOKMARK', bookmark('5', true));
  await settle();
  assert.deepEqual(story.log, ['added a@1', 'synced@5']);
  await stop(story);
});

test('a continue token that expires: all at once', async () => {
  const story = begin({
    isRefused: true,
    page(limit, token) {
      if (token !== '') throw errorOfAnswer('list', 410, '');
      return limit === 0 ? page('7', [thing('b', '2')]) : page('5', [thing('a', '1')], 'more');
    },
  });
  await settle();
  assert.deepEqual(story.log, ['added a@1', 'added b@2', 'deleted a@1', 'synced@7']);
  await stop(story);
});

test('failures are told and back off up to 30 s; success starts anew', async () => {
  let isDown = true;
  const story = begin({
    open() {
      if (!isDown) return;
      throw new KubeError({ code: 'kube/unreachable', message: 'down' });
    },
  });
  await story.clock.advance(500 + 1_000 + 2_000 + 4_000 + 8_000 + 16_000);
  assert.equal(story.troubles.length, 7);
  await story.clock.advance(29_999);
  assert.equal(story.troubles.length, 7);
  isDown = false;
  await story.clock.advance(1);
  assert.equal(story.feeds.length, 1);
  story.last().send('BOOKMARK', bookmark('5', true));
  await settle();
  isDown = true;
  story.last().end(new Error('cut'));
  await settle();
  assert.equal(story.troubles.length, 8);
  await story.clock.advance(500);
  assert.equal(story.troubles.length, 9, 'the pause is the first one again');
  await stop(story);
});

test('a stream that outlives its time is taken for dead', async () => {
  const story = begin({});
  await settle();
  story.last().send('BOOKMARK', bookmark('5', true));
  await settle();
  await story.clock.advance(359_999);
  assert.equal(story.last().signal.aborted, false);
  await story.clock.advance(1);
  assert.equal(story.feeds[0]?.signal.aborted, true);
  await story.clock.advance(500);
  assert.equal(story.last().how.resourceVersion, '5');
  await stop(story);
});

test('a kind that is no longer served takes its objects with it', async () => {
  let isServed = true;
  const story = begin({
    open() {
      if (!isServed) throw new KubeError({ code: 'kube/unknown-kind', message: 'no such kind' });
    },
  });
  await settle();
  story.last().send('ADDED', thing('a', '1'));
  story.last().send('BOOKMARK', bookmark('5', true));
  await settle();
  isServed = false;
  story.last().end();
  await settle();
  assert.deepEqual(story.log, ['added a@1', 'synced@5', 'deleted a@1']);
  await stop(story);
});

test('a line cut anywhere, even within a character, arrives whole; managed fields do not', async () => {
  const objects: JsonObject[] = [];
  const story = begin({
    onEvent: (event) => {
      if (event.type !== 'synced') objects.push(event.object);
    },
  });
  await settle();
  const object = { ...thing('a', '1'), text: 'žluťoučký 🐎' };
  const bytes = Buffer.from(`${JSON.stringify({ type: 'ADDED', object })}\n\n`);
  for (const byte of bytes) story.last().sendBytes(Uint8Array.of(byte));
  for (let turn = 0; turn < 100; turn++) await settle();
  const [arrived = {}] = objects;
  assert.equal(arrived['text'], 'žluťoučký 🐎');
  assert.ok(!('managedFields' in (arrived['metadata'] as JsonObject)));
  await stop(story);
});

test('broken JSON is a trouble, not an end', async () => {
  const story = begin({});
  await settle();
  story.last().send('BOOKMARK', bookmark('5', true));
  story.last().sendBytes(Buffer.from('{"type":\n'));
  await settle();
  assert.deepEqual(story.troubles, ['watch things: an event is not valid JSON']);
  await story.clock.advance(500);
  assert.equal(story.last().how.resourceVersion, '5');
  await stop(story);
});

test('what a listener throws ends the watch', async () => {
  const story = begin({
    onEvent() {
      throw new RangeError('bug');
    },
  });
  const failure = assert.rejects(story.ended, /^RangeError: bug$/);
  await settle();
  story.last().send('ADDED', thing('a', '1'));
  await failure;
  assert.ok(story.last().signal.aborted);
});

test('a line beyond the limit is refused', () => {
  const splitter = new LineSplitter(10);
  const lines = [...splitter.push(Buffer.from('12345\n678'))].map((line) =>
    Buffer.from(line).toString(),
  );
  assert.deepEqual(lines, ['12345']);
  assert.throws(() => [...splitter.push(Buffer.from('90123456'))], RangeError);
});
