// SPDX-License-Identifier: Apache-2.0

/**
 * One connection to the API server: TCP or proxy, then TLS. Certificates are read anew for each connection.
 *
 * Effects: reads certificate files, looks up names, connects.
 */

import { lookup as lookupName } from 'node:dns';
import { readFile } from 'node:fs/promises';
import { isIP, type LookupFunction, connect as netConnect, type Socket } from 'node:net';
import { type ConnectionOptions, type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { CredentialSource } from '../config/credentials.ts';
import { configError } from '../config/decode-kubeconfig.ts';
import type { KubeConfig, Material } from '../config/kube-config.ts';
import { isLinkLocal } from './link-local.ts';
import { tunnel } from './proxy-tunnel.ts';
import { networkMessage, TransportError } from './transport.ts';

/** Time for TCP and TLS together, in milliseconds. */
const CONNECT_LIMIT_MS = 15_000;
const KEEP_ALIVE_MS = 30_000;

export interface SocketContext {
  readonly config: KubeConfig;
  readonly credentials: CredentialSource;
  readonly proxyUrl: string | undefined;
}

export interface OpenedSocket {
  readonly socket: Socket | TLSSocket;
  readonly protocol: 'h2' | 'http/1.1';
}

/**
 * @param protocols what to offer to a TLS server, best first; a server without TLS speaks HTTP/1.1
 * @throws {TransportError} nothing was sent
 * @throws {KubeError} `kube/config`: a certificate file cannot be read
 */
export async function openSocket(
  context: SocketContext,
  protocols: readonly string[],
): Promise<OpenedSocket> {
  const { config } = context;
  const server = new URL(config.server);
  const isTls = server.protocol === 'https:';
  const tlsOptions = isTls ? await readTlsOptions(context, server, protocols) : undefined;
  const abort = new AbortController();
  const timer = setTimeout(
    () => abort.abort(new Error(`no connection within ${CONNECT_LIMIT_MS / 1000} s`)),
    CONNECT_LIMIT_MS,
  );
  try {
    const raw = await connectTcp(context, server, abort.signal);
    if (tlsOptions === undefined) return { socket: raw, protocol: 'http/1.1' };
    const socket = tlsConnect({ ...tlsOptions, socket: raw });
    await settled(socket, 'secureConnect', abort.signal);
    return { socket, protocol: socket.alpnProtocol === 'h2' ? 'h2' : 'http/1.1' };
  } catch (error) {
    if (error instanceof TransportError) throw error;
    throw new TransportError(networkMessage(error), {
      wasSent: false,
      mayPass: !isCertificateProblem(error),
      cause: error,
    });
  } finally {
    clearTimeout(timer);
  }
}

async function connectTcp(
  context: SocketContext,
  server: URL,
  signal: AbortSignal,
): Promise<Socket> {
  const { config, proxyUrl } = context;
  const target = {
    host: bareHost(server),
    port: Number(server.port || (server.protocol === 'https:' ? 443 : 80)),
  };
  if (config.mustAvoidLinkLocal) refuseLinkLocal(target.host);
  const lookup = config.mustAvoidLinkLocal ? guardedLookup : undefined;
  if (proxyUrl !== undefined) {
    return tunnel(new URL(proxyUrl), target, { lookup, signal });
  }
  const socket = netConnect({
    ...target,
    ...(lookup === undefined ? {} : { lookup }),
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  });
  await settled(socket, 'connect', signal);
  return socket;
}

/** Waits until a socket is open; a socket that fails or takes too long is destroyed. */
export async function settled(
  socket: Socket,
  event: 'connect' | 'secureConnect',
  signal: AbortSignal,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const abort = () => reject(signal.reason);
  const close = () => reject(new Error('the connection was closed during the handshake'));
  socket.once(event, resolve).once('error', reject).once('close', close);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    await promise;
  } catch (error) {
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.off(event, resolve).off('error', reject).off('close', close);
  }
}

async function readTlsOptions(
  { config, credentials }: SocketContext,
  server: URL,
  protocols: readonly string[],
): Promise<ConnectionOptions> {
  const host = bareHost(server);
  const name = config.serverName ?? (isIP(host) === 0 ? host : undefined);
  const given = (await credentials.read(false)).certificate;
  const cert = given?.cert ?? (await readMaterial(config, config.clientCertificate));
  const key = given?.key ?? (await readMaterial(config, config.clientKey));
  const ca = await readMaterial(config, config.ca);
  return {
    host: config.serverName ?? host,
    ...(name === undefined || isIP(name) !== 0 ? {} : { servername: name }),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined || key === undefined ? {} : { cert, key }),
    ALPNProtocols: [...protocols],
    rejectUnauthorized: !config.isInsecure,
    minVersion: 'TLSv1.2',
  };
}

async function readMaterial(
  config: KubeConfig,
  material: Material | undefined,
): Promise<string | undefined> {
  if (material === undefined) return undefined;
  if ('pem' in material) return material.pem;
  try {
    return await readFile(material.file, 'utf8');
  } catch (error) {
    throw configError(config.origin, `${material.file} cannot be read`, error);
  }
}

const guardedLookup: LookupFunction = (hostname, options, callback) => {
  lookupName(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '', 0);
    const allowed = addresses.filter(({ address }) => !isLinkLocal(address));
    const [first] = allowed;
    if (first === undefined) return callback(linkLocalError(hostname), '', 0);
    if (options.all === true) return callback(null, allowed);
    callback(null, first.address, first.family);
  });
};

function refuseLinkLocal(host: string): void {
  if (isLinkLocal(host)) throw linkLocalError(host);
}

function linkLocalError(host: string): TransportError {
  return new TransportError(
    `${host} is a link-local or metadata address, which is not allowed here`,
    {
      wasSent: false,
      mayPass: false,
    },
  );
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function isCertificateProblem(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|ERR_TLS|ERR_SSL|SELF_SIGNED|VERIFY_LEAF|ISSUER|ERR_OSSL/.test(code);
}
