import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate } from './fresh-clone';

/** What the launcher makes of the machine it finds itself on. */
describe('the machine', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'florin-machine-'));
  });

  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    [
      'mariadbd  Ver 10.11.14-MariaDB-0+deb12u2 for debian-linux-gnu on x86_64 (Debian 12)',
      'MariaDB',
      '10.11.14',
    ],
    ['/usr/sbin/mysqld  Ver 8.0.43-0ubuntu0.22.04.1 for Linux on x86_64 ((Ubuntu))', 'MySQL', '8.0.43'],
    ['/opt/mariadb-lookalike/mysqld  Ver 9.7.4-2 for Linux on x86_64 ((Debian))', 'MySQL', '9.7.4'],
  ])('reads the version in "%s"', (line, flavour, version) => {
    const found = evaluate(`
      import { parseServerVersion } from './server-binaries.mjs';
      console.log(JSON.stringify(parseServerVersion(${JSON.stringify(line)})));`);
    expect(found).toMatchObject({ flavour, version });
  });

  it.each([
    ['debian', /sudo apt-get install -y --no-install-recommends default-mysql-server redis-server/],
    ['fedora', /sudo dnf install -y mariadb-server redis/],
    ['mac', /brew install mysql redis/],
    [null, /docker compose up/],
  ])('names the command that installs servers on %s', (family, command) => {
    const advice = evaluate(`
      import { installAdvice } from './install-advice.mjs';
      console.log(JSON.stringify(installAdvice(['mysql', 'redis'], ${JSON.stringify(family)})));`);
    expect(advice).toMatch(command);
    expect(advice).toMatch(/docker compose up/);
  });

  it('takes a system for the kind that it says it is like', () => {
    const ids = evaluate(`
      import { systemIds } from './install-advice.mjs';
      console.log(JSON.stringify(systemIds('NAME="Linux Mint"\\nID=linuxmint\\nID_LIKE="ubuntu debian"\\n')));`);
    expect(ids).toEqual(['linuxmint', 'ubuntu', 'debian']);
  });

  const confined = (options: object) =>
    evaluate(`
      import { isConfined } from './apparmor.mjs';
      console.log(JSON.stringify(isConfined('/usr/sbin/mysqld', ${JSON.stringify(options)})));`);

  it('sees that the kernel confines a server program', () => {
    const kernelList = join(folder, 'profiles');
    writeFileSync(kernelList, '/usr/bin/man (enforce)\n/usr/sbin/mysqld (enforce)\n');
    expect(confined({ kernelList, etc: folder })).toBe(true);
    writeFileSync(kernelList, '/usr/sbin/mysqld-akonadi (enforce)\n/usr/sbin/mysqld (unconfined)\n');
    expect(confined({ kernelList, etc: folder })).toBe(false);
    expect(confined({ kernelList: join(folder, 'none'), etc: folder })).toBe(false);
  });

  it('goes by the profile in /etc where the kernel does not tell', () => {
    // A folder stands for a list that may not be read.
    const options = { kernelList: folder, etc: join(folder, 'apparmor.d') };
    mkdirSync(join(options.etc, 'disable'), { recursive: true });
    writeFileSync(join(options.etc, 'usr.sbin.mysqld'), '# vim:syntax=apparmor\n/usr/sbin/mysqld {\n}\n');
    expect(confined(options)).toBe(true);
    writeFileSync(join(options.etc, 'disable', 'usr.sbin.mysqld'), '');
    expect(confined(options)).toBe(false);
  });

  it('takes over the lock of a process that is gone, and respects one that lives', () => {
    const lock = join(folder, 'lock');
    writeFileSync(lock, JSON.stringify({ pid: 999_999_999, mark: 'gone' }));
    const [first, second] = evaluate(`
      import { tryLock } from './lock.mjs';
      const first = tryLock(${JSON.stringify(lock)});
      const second = tryLock(${JSON.stringify(lock)});
      first.release();
      console.log(JSON.stringify([Boolean(first.release), second.holder.pid === process.pid]));`) as boolean[];
    expect([first, second]).toEqual([true, true]);
  });
});
