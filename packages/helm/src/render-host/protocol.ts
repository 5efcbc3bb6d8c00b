// SPDX-License-Identifier: Apache-2.0

import type { Profile, RenderPolicy } from '../actions/options.ts';
import type { HookRecord } from '../release/record.ts';
import type { ClusterCapabilities, CrdFile, RenderRequest } from './port.ts';
import type { WireValue } from './wire-value.ts';

/** Where the child reads and writes; 0 to 2 are what they always are. */
export const PARENT_TO_CHILD_FD = 3;
export const CHILD_TO_PARENT_FD = 4;

/** What a child may use up for one request. */
export interface HostBudget {
  readonly steps: number;
  readonly outputBytes: number;
  readonly elements: number;
  readonly depth: number;
  readonly timeMs: number;
}

/** Parent to child. */
export type HostRequest =
  /** The body is the chart archive; there is no answer. */
  | { readonly type: 'chart'; readonly digest: string }
  | {
      readonly type: 'crds';
      readonly profile: Profile;
      readonly digest: string;
      readonly values: WireValue;
    }
  | {
      readonly type: 'render';
      readonly profile: Profile;
      readonly digest: string;
      readonly values: WireValue;
      readonly chartValues: WireValue;
      readonly release: RenderRequest['release'];
      readonly capabilities: ClusterCapabilities;
      readonly policy: RenderPolicy;
      readonly canLookup: boolean;
      /** Asks with `post-render` before files are made into objects (Helm 4). */
      readonly isPostRendered: boolean;
      readonly budget: HostBudget;
    }
  /** The body is the stored chart as JSON. */
  | { readonly type: 'coalesce'; readonly config: WireValue }
  /** Answers `lookup` with the object as JSON, `post-render` with the changed stream; each is the body. */
  | { readonly type: 'found'; readonly error?: string | undefined };

/** What a child asks while it works. */
export type HostQuestion =
  | {
      readonly type: 'lookup';
      readonly apiVersion: string;
      readonly kind: string;
      readonly namespace: string;
      readonly name: string;
    }
  /** The body is the stream. */
  | { readonly type: 'post-render' };

/** Child to parent. */
export type HostReply =
  | HostQuestion
  | { readonly type: 'ready' }
  | { readonly type: 'need-chart' }
  | { readonly type: 'crds'; readonly files: readonly CrdFile[] }
  /** The body is the chart as the record stores it, JSON. */
  | {
      readonly type: 'rendered';
      readonly manifest: string;
      readonly hooks: readonly HookRecord[];
      readonly notes: string;
    }
  | { readonly type: 'coalesced'; readonly values: WireValue }
  | {
      readonly type: 'failed';
      readonly message: string;
      /** `gotemplate/steps`, `chart/…`; `''` when the error has none. */
      readonly code: string;
      /** What was rendered, by path, where it cannot be split into objects. */
      readonly files?: readonly (readonly [path: string, text: string])[] | undefined;
    };
