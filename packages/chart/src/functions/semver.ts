// SPDX-License-Identifier: Apache-2.0

/** Semantic versions. Source: Masterminds/sprig v3.3.0 semver.go, over Masterminds/semver v3.5.0 */

import {
  newConstraint,
  newVersion,
  semverPointerType,
  typedVersion,
  types,
} from '@helm-operator/gocompat';
import type { TemplateFunction } from '@helm-operator/gotemplate';
import { define } from './define.ts';

/** Sprig's functions over versions. */
export const semverFunctions: readonly TemplateFunction[] = [
  define('semver', ['string'], semverPointerType, (text) => typedVersion(newVersion(text))),
  define('semverCompare', ['string', 'string'], types.bool, (constraint, version) =>
    newConstraint(constraint).check(newVersion(version)),
  ),
];
