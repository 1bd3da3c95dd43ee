import { connect, type Socket } from 'node:net';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { serverUrl } from '../../test/support/environment';
import { createBankPool } from '../database/connection';
import { createRedis } from '../queue/redis';
import { isReadableOnTheWay, tlsOptions } from './transport';

const CERTIFICATES = join(__dirname, '..', '..', 'test', 'fixtures', 'tls');
const certificate = (name: string) => join(CERTIFICATES, name);

describe('connections to the database', () => {
  const databaseUrl = (host: string, parameters: string) => {
    const url = new URL(serverUrl('TEST_DATABASE_URL'));
    url.hostname = host;
    url.pathname = '/';
    url.search = parameters;
    return url.href;
  };

  async function cipherOf(url: string): Promise<string> {
    const pool = createBankPool(url, { connectionLimit: 1 });
    try {
      const [rows] = await pool.query("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
      return (rows as { Value: string }[])[0]?.Value ?? '';
    } finally {
      await pool.end();
    }
  }

  it('are encrypted when the URL says so, and the certificate is checked', async () => {
    const url = databaseUrl('localhost', `ssl=true&ssl_ca=${certificate('ca.pem')}`);
    expect(await cipherOf(url)).toMatch(/^(TLS_|ECDHE-)/);
  });

  it('are in plain text when it does not', async () => {
    expect(await cipherOf(databaseUrl('127.0.0.1', ''))).toBe('');
  });

  it('are refused to a server whose certificate nobody known has signed', async () => {
    const url = databaseUrl('localhost', `ssl=true&ssl_ca=${certificate('other-ca.pem')}`);
    await expect(cipherOf(url)).rejects.toThrow(/certificate|signature/);
  });

  it('are refused to a server that is known by its address only', () => {
    const url = databaseUrl('127.0.0.1', `ssl=true&ssl_ca=${certificate('ca.pem')}`);
    expect(() => createBankPool(url)).toThrow(/server's name/);
  });
});

describe('connections to Redis', () => {
  let front: Server;
  const open = new Set<Socket>();

  /** Redis behind a server that speaks TLS. */
  beforeAll(async () => {
    const redis = new URL(serverUrl('TEST_REDIS_URL'));
    const options = {
      cert: readFileSync(certificate('server.pem')),
      key: readFileSync(certificate('server-key.pem')),
    };
    front = createServer(options, (client) => {
      const server = connect(Number(redis.port), redis.hostname);
      for (const socket of [client, server]) {
        open.add(socket);
        socket.on('error', () => undefined);
      }
      client.pipe(server).pipe(client);
    });
    front.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    for (const socket of open) socket.destroy();
    front.close();
  });

  async function ping(ca: string): Promise<string> {
    const url = new URL(serverUrl('TEST_REDIS_URL'));
    url.protocol = 'rediss:';
    url.port = String((front.address() as AddressInfo).port);
    url.search = `ssl_ca=${certificate(ca)}`;
    const client = createRedis(url.href, { retryStrategy: () => null, lazyConnect: true });
    try {
      await client.connect();
      return await client.ping();
    } finally {
      client.disconnect();
    }
  }

  it('are encrypted with rediss://, and the certificate is checked', async () => {
    expect(await ping('ca.pem')).toBe('PONG');
  });

  it('are refused to a server whose certificate nobody known has signed', async () => {
    const errors: string[] = [];
    await ping('other-ca.pem').catch((error: Error) => errors.push(error.message));
    expect(errors.join()).not.toBe('');
  });
});

describe('a URL', () => {
  it.each([
    ['mysql://u:p@127.0.0.1/florin', false],
    ['mysql://u:p@[::1]/florin', false],
    ['mysql://u:p@localhost/florin', false],
    ['mysql://u:p@db.bank.example/florin', true],
    ['mysql://u:p@10.0.0.5/florin?ssl=false', true],
    ['mysql://u:p@db.bank.example/florin?ssl=true', false],
    ['redis://:p@cache.bank.example/0', true],
    ['rediss://:p@cache.bank.example/0', false],
    ['mysql://u:p@localhost.attacker.example/florin', true],
  ])('%s can be read on its way: %s', (url, isReadable) => {
    expect(isReadableOnTheWay(url)).toBe(isReadable);
  });

  it.each([
    ['mysql://u:p@db/florin?ssl=yes', /true or false/],
    ['mysql://u:p@db/florin?ssl_ca=/ca.pem', /ssl_ca/],
    ['mysql://u:p@db/florin?ssl=true&ssl_ca=/nowhere/ca.pem', /ENOENT/],
  ])('%s is refused', (url, why) => {
    expect(() => tlsOptions(url)).toThrow(why);
  });
});
