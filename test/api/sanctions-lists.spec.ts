import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSanctions, type LoadSummary } from '../../src/lists/load-sanctions';
import { createTestBank, type TestBank } from '../support/bank';

describe('loading names under sanctions', () => {
  let bank: TestBank;
  let folder: string;

  beforeAll(async () => {
    bank = await createTestBank();
    folder = await mkdtemp(join(tmpdir(), 'florin-lists-'));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
    await bank.close();
  });

  async function load(lines: string[], { file = 'ofac.csv', replace = false } = {}): Promise<LoadSummary> {
    const path = join(folder, file);
    await writeFile(path, lines.join('\n'));
    return loadSanctions({ path, databaseUrl: bank.urls.owner, replace });
  }
  const names = async () =>
    (
      await bank.owner.query<{ name: string }>(
        'SELECT name FROM sanctions_names WHERE removed_at IS NULL ORDER BY name',
      )
    ).map((row) => row.name);
  const revision = async () =>
    (
      await bank.owner.query<{ revision: string }>(
        "SELECT revision FROM risk_revisions WHERE kind = 'sanctions'",
      )
    )[0]?.revision;

  it('puts in what is good, names what is bad, and updates when it is repeated', async () => {
    const before = await revision();
    expect(await load(['name,id', 'Ivan Grozny,1', ',2', 'Acme,3', 'Ünï-cödé ☕,4'])).toMatchObject({
      lines: 4,
      added: 3,
      updated: 0,
      bad: [{ line: 3, reason: 'there is no name' }],
    });
    expect(await revision()).not.toBe(before);
    expect(await names()).toEqual(['Acme', 'Ivan Grozny', 'Ünï-cödé ☕']);

    const loaded = await revision();
    expect(await load(['name,id', 'Ivan Grozny,1'])).toMatchObject({ added: 0, updated: 0, unchanged: 1 });
    expect(await revision()).toBe(loaded);
    expect(await load(['name,id,country', 'Ivan IV Grozny,1,RU', 'New,9,'])).toMatchObject({
      added: 1,
      updated: 1,
    });
    expect(await names()).toEqual(['Acme', 'Ivan IV Grozny', 'New', 'Ünï-cödé ☕']);
  });

  it('drops what a list no longer has only when told so and every line is good', async () => {
    await load(['Somebody Else'], { file: 'other.txt' });
    expect(await load(['name,id', 'Acme,3', ',4'], { replace: true })).toMatchObject({
      removed: 0,
      isReplaceSkipped: true,
    });
    expect(await load(['name,id', 'Acme,3'], { replace: true })).toMatchObject({ removed: 3, unchanged: 1 });
    expect(await names()).toEqual(['Acme', 'Somebody Else']);
    expect(await load(['name,id', 'New,9'])).toMatchObject({ added: 0, updated: 1 });
    expect(await names()).toContain('New');
  });

  it('takes twenty thousand names, and says so in the audit log', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `Person Number${index.toString(26)}x`);
    expect(await load(lines, { file: 'many.txt' })).toMatchObject({ added: 20_000, bad: [] });
    const [log] = await bank.owner.query<{ action: string; new_values: string | object }>(
      "SELECT action, new_values FROM system_audit_logs WHERE table_name = 'sanctions_names' ORDER BY audit_id DESC LIMIT 1",
    );
    const values =
      typeof log?.new_values === 'string' ? (JSON.parse(log.new_values) as object) : log?.new_values;
    expect(log?.action).toBe('LOAD');
    expect(values).toMatchObject({ file: 'many.txt', added: 20_000, bad_lines: 0 });
  });

  it('says which file it cannot read', async () => {
    await expect(
      loadSanctions({ path: join(folder, 'none.csv'), databaseUrl: bank.urls.owner, replace: false }),
    ).rejects.toThrow(/none\.csv/);
  });
});
