import { createServer, type AddressInfo } from 'node:net';
import { FreshClone } from './fresh-clone';

/** What npm start and the commands refuse, at once and in a sentence. */
describe('the launcher refuses', () => {
  let clone: FreshClone;

  beforeAll(() => {
    clone = new FreshClone();
  });

  afterAll(() => clone.remove());

  it.each([
    ['production mode', { NODE_ENV: 'production' }, /npm run start:api and npm run start:worker/],
    ['a port that is none', { API_PORT: '8o8o8o' }, /^API_PORT: must be from 0 to 65535$/m],
    [
      'a database URL of another kind',
      { DATABASE_URL: 'postgres://u:hunter2@h/d' },
      /^DATABASE_URL: must be a URL that starts with/m,
    ],
    ['a Redis URL that is none', { REDIS_URL: 'hunter2' }, /^REDIS_URL: must be a URL that starts with/m],
    ['a server program that is none', { MYSQLD: '/nonexistent/hunter2' }, /^MYSQLD must be the path of/m],
    ['a size that is none', { MYSQL_BUFFER_POOL: 'hunter2' }, /^MYSQL_BUFFER_POOL must be a number/m],
  ])(
    '%s, naming the key and the rule and never the value',
    async (_, more: Record<string, string>, sentence) => {
      const { code, stdout, stderr } = await clone.run('start.mjs', [], more);
      expect(code).toBe(1);
      expect(stdout).toMatch(sentence);
      expect(stdout + stderr).not.toMatch(/hunter2|8o8o8o|\bat .*\.mjs/);
    },
  );

  it('a port that somebody else listens on, before any long step', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const port = (server.address() as AddressInfo).port;
    const { code, stdout } = await clone.run('start.mjs', [], { API_PORT: String(port) });
    server.close();
    expect(code).toBe(1);
    expect(stdout).toBe(
      'API_PORT: the port is already in use by another program. Choose another one, as in API_PORT=8080 npm start.\n',
    );
  });

  it('a command when no bank runs', async () => {
    const { code, stdout, stderr } = await clone.run('run.mjs', ['dist/src/cli/sql.js', 'SELECT 1']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('No bank runs on .data.');
  });
});
