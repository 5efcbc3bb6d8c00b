// SPDX-License-Identifier: Apache-2.0

/**
 * Of undici, what `fetch` asks for: pools, proxies and `request`. The whole package loads a browser's worth beside it (fetch, WebSocket,
 * caches, mocks): 9 MB that stay. A bundle's undici is the pinned one; a file that has moved fails the build.
 */

const api = require('undici/lib/api/index.js');
const Dispatcher = require('undici/lib/dispatcher/dispatcher.js');
const Agent = require('undici/lib/dispatcher/agent.js');
const ProxyAgent = require('undici/lib/dispatcher/proxy-agent.js');

// Proxies use the methods of the dispatchers they are made of.
Object.assign(Dispatcher.prototype, api);

function request(url, { dispatcher, method = 'GET', ...rest }) {
  const { origin, pathname, search } = new URL(url);
  return api.request.call(dispatcher, { ...rest, method, origin, path: `${pathname}${search}` });
}

module.exports = { Agent, ProxyAgent, request };
