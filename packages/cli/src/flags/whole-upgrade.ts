// SPDX-License-Identifier: Apache-2.0

import { CHART_SOURCE_FLAGS } from './chart-source.ts';
import { POST_RENDERER_FLAGS, RELEASE_FLAGS } from './install.ts';
import { SETTINGS_FLAGS } from './settings.ts';
import { UPGRADE_FLAGS } from './upgrade.ts';
import { VALUE_FLAGS } from './values.ts';

/** All that an upgrade is made of: cluster, chart, values, and how they become a revision. */
export const WHOLE_UPGRADE_FLAGS: typeof SETTINGS_FLAGS &
  typeof RELEASE_FLAGS &
  typeof UPGRADE_FLAGS &
  typeof VALUE_FLAGS &
  typeof CHART_SOURCE_FLAGS &
  typeof POST_RENDERER_FLAGS = {
  ...SETTINGS_FLAGS,
  ...RELEASE_FLAGS,
  ...UPGRADE_FLAGS,
  ...VALUE_FLAGS,
  ...CHART_SOURCE_FLAGS,
  ...POST_RENDERER_FLAGS,
};
