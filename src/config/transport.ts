import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';

/** What a TLS connection of the bank demands: TLS 1.2 or later, and a certificate that a known authority signed for the host. */
export interface TlsOptions {
  minVersion: 'TLSv1.2';
  rejectUnauthorized: true;
  /** The authorities that are believed, in PEM; absent: those of Node. */
  ca?: string;
}

/**
 * The TLS that a server's URL asks for: mysql://…?ssl=true, or rediss://… Either may name a file with the authority that signed the
 * server's certificate, ?ssl_ca=/path/ca.pem, where it is none of the public ones.
 * @returns undefined for plain text
 * @throws Error when the URL contradicts itself, names a file that cannot be read, or an address where the certificate names a host
 */
export function tlsOptions(serverUrl: string): TlsOptions | undefined {
  const { protocol, hostname, searchParams } = new URL(serverUrl);
  const caFile = searchParams.get('ssl_ca');
  if (!isEncrypted(serverUrl)) {
    if (caFile === null) return undefined;
    throw new Error('ssl_ca: is of use with ssl=true, or with rediss://, only');
  }
  if (protocol !== 'rediss:' && isIP(bareHost(hostname)) !== 0)
    throw new Error("ssl=true: the URL must give the server's name, so that its certificate can be checked");
  const ca = caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') };
  return { minVersion: 'TLSv1.2', rejectUnauthorized: true, ...ca };
}

/** @throws Error when ssl is neither true nor false */
function isEncrypted(serverUrl: string): boolean {
  const { protocol, searchParams } = new URL(serverUrl);
  if (protocol === 'redis:' || protocol === 'rediss:') return protocol === 'rediss:';
  const ssl = searchParams.get('ssl') ?? 'false';
  if (ssl !== 'true' && ssl !== 'false') throw new Error('ssl: must be true or false');
  return ssl === 'true';
}

/** Whether what is sent to this server could be read on its way: in plain text, and to another machine. */
export function isReadableOnTheWay(serverUrl: string): boolean {
  const host = bareHost(new URL(serverUrl).hostname);
  const isThisMachine = host === 'localhost' || host === '::1' || /^127\./.test(host);
  return !isThisMachine && !isEncrypted(serverUrl);
}

function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
