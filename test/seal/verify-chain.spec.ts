import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { headFile, newestBlock } from '../../src/seal';
import { createSealBank, dropTriggers, freshSigningKey, type SealBank } from './seal-bank';

const VERIFY = join(__dirname, '..', '..', 'dist', 'src', 'cli', 'verify-chain.js');

describe('npm run verify-chain', () => {
  let bank: SealBank;
  let folder: string;
  let ids: string[];

  /** The built program in a process of its own, as the auditor's database user, started in `folder`. */
  function run(words: string[] = [], environment: NodeJS.ProcessEnv = {}) {
    const child = spawn(process.execPath, [VERIFY, ...words], {
      env: {
        PATH: process.env.PATH,
        AUDITOR_DATABASE_URL: bank.urls.auditor,
        INIT_CWD: folder,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      child.once('error', reject);
      child.once('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  async function exportHead(name: string): Promise<void> {
    const block = await newestBlock(bank.asRoot);
    if (!block) throw new Error('nothing is sealed');
    writeFileSync(join(folder, name), JSON.stringify(headFile(block, [bank.signingKey.publicKey])));
  }

  beforeAll(async () => {
    bank = await createSealBank();
    folder = mkdtempSync(join(tmpdir(), 'florin-seal-'));
    ids = await bank.post(20);
  });
  afterAll(async () => {
    await bank?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('before anything is sealed there is nothing to verify: 2', async () => {
    const { code, stdout } = await run();
    expect([code, stdout]).toEqual([
      2,
      expect.stringContaining('NOT VERIFIED: nothing is sealed yet; 22 transactions wait'),
    ]);
  });

  it('says what is covered, and what it did not look at: 0', async () => {
    await bank.seal(10);
    await bank.post(1);
    const { code, stdout, stderr } = await run();
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('INTACT: every sealed row is as it was sealed.\n');
    expect(stdout).toMatch(/Rows +22 transactions up to \d+, 44 entries, \d+ audit rows up to \d+\n/);
    expect(stdout).toMatch(/Not sealed +1 transactions, 0 audit rows, the oldest of \d{4}-.*Z\n/);
    expect(stdout).toContain('Caution: the key came from the database.');
    expect(stdout).toContain('Caution: no head was given with --against');
  });

  it('rows that nobody has sealed for an hour are worth a caution', async () => {
    const { stdout: before } = await run();
    expect(before).not.toContain('is not sealed yet');
    await bank.root.query("SET time_zone = '-02:00'");
    await bank.root.query('UPDATE users SET full_name = ? LIMIT 1', ['Of Old']);
    const { code, stdout } = await run();
    expect([code, stdout]).toEqual([0, expect.stringMatching(/Caution: a row of \S+Z is not sealed yet\./)]);
    await bank.root.query("SET time_zone = '+00:00'");
    await bank.seal();
  });

  it('with the key and a head that were kept outside there is nothing to be cautious about', async () => {
    await exportHead('head-1.json');
    writeFileSync(join(folder, 'key.pem'), bank.signingKey.publicKey.pem);
    const { code, stdout } = await run(['--against', 'head-1.json', '--public-key', 'key.pem']);
    expect([code, stdout.includes('Caution')]).toEqual([0, false]);
    expect(stdout).toContain(`Agrees      ${join(folder, 'head-1.json')}`);
    const pinned = await run(['--against', '.'], {
      SEAL_PUBLIC_KEYS: bank.signingKey.publicKey.raw.toString('base64'),
    });
    expect([pinned.code, pinned.stdout.includes('Caution')]).toEqual([0, false]);
  });

  it.each([
    [
      'an option that there is not',
      ['--agianst', 'x'],
      /Unknown option '--agianst'[\s\S]*Usage: npm run verify-chain/,
    ],
    ['a file that is not there', ['--against', 'nowhere.json'], /nowhere\.json/],
    ['a folder without heads', ['--against', 'empty'], /empty: holds no \.json file/],
    [
      'a head that was changed',
      ['--against', 'forged.json'],
      /forged\.json: its hash is not that of its statement/,
    ],
    [
      'a head with another signature',
      ['--against', 'unsigned.json'],
      /unsigned\.json: its signature does not hold/,
    ],
    ['a key that is none', ['--public-key', 'head-1.json'], /must be Ed25519 public keys/],
    ['a database that cannot be reached', [], /ECONNREFUSED/],
  ])('cannot verify with %s: 2', async (what, words, message) => {
    const block = await newestBlock(bank.asRoot);
    if (!block) throw new Error('nothing is sealed');
    const head = headFile(block, [bank.signingKey.publicKey]);
    mkdirSync(join(folder, 'empty'), { recursive: true });
    writeFileSync(
      join(folder, 'forged.json'),
      JSON.stringify({ ...head, statement: head.statement.replace('rows ', 'rows 1') }),
    );
    writeFileSync(
      join(folder, 'unsigned.json'),
      JSON.stringify({ ...head, signature: freshSigningKey().sign(head.statement).toString('base64') }),
    );
    const { code, stdout, stderr } = await run(
      words,
      what.includes('reached') ? { AUDITOR_DATABASE_URL: 'mysql://nobody@127.0.0.1:1/florin' } : {},
    );
    rmSync(join(folder, 'forged.json'));
    rmSync(join(folder, 'unsigned.json'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^NOT VERIFIED: /);
    expect(stderr).toMatch(message);
  });

  it('names the first row that was tampered with, then the others: 1', async () => {
    await bank.seal();
    await dropTriggers(bank.root);
    await bank.root.query(
      'UPDATE ledger_entries SET amount_minor = amount_minor * 2 WHERE transaction_id IN (?, ?)',
      [ids[3], ids[12]],
    );
    const { code, stdout } = await run();
    expect(code).toBe(1);
    expect(stdout).toContain(
      `\nTAMPERED: entry 0 of transaction ${ids[3]} is not as it was sealed: it was changed (block 1).\n\nAlso:\n  entry 1 of transaction ${ids[3]} `,
    );
    const { result, findings_count, findings } = JSON.parse((await run(['--json'])).stdout);
    expect({ result, findings_count }).toEqual({ result: 'tampered', findings_count: 4 });
    expect(findings[0]).toMatchObject({ problem: 'row_changed', row: { kind: 'entry', id: ids[3], leg: 0 } });
    await bank.root.query(
      'UPDATE ledger_entries SET amount_minor = amount_minor / 2 WHERE transaction_id IN (?, ?)',
      [ids[3], ids[12]],
    );
    expect((await run()).code).toBe(0);
  });

  it('a chain that was cut shows against the head alone: 1', async () => {
    await bank.post(1);
    await bank.seal();
    await exportHead('head-2.json');
    await bank.root.query('DELETE FROM seal_blocks ORDER BY block_id DESC LIMIT 1');
    expect((await run()).code).toBe(0);
    const { code, stdout } = await run(['--against', 'head-1.json', '--against', 'head-2.json']);
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /TAMPERED: the chain ends with block 4, but .*head-2\.json is the head of block 5/,
      ),
    ]);
  });
});
