import { type Connection, createConnection } from 'mysql2/promise';
import { connectionOptions, createBankPool } from '../../src/database';
import { postBatch } from '../../src/posting';
import * as p from '../support/postings';
import { copyOf } from './row-copy';
import { createSealBank, type SealBank } from './seal-bank';

interface Watermark {
  transactions_until_id: string;
  audit_until_id: string;
  is_blocked: number;
  has_more: number;
}

describe('the watermark of the seal', () => {
  let bank: SealBank;
  let slow: Connection;

  const watermark = async (max = 1000, settleSeconds = 0): Promise<Watermark> => {
    const [[row] = []] = await bank.worker.call<Record<keyof Watermark, string | number>>(
      'sp_seal_watermark',
      [max, max, settleSeconds],
    );
    if (!row) throw new Error('no watermark');
    return {
      transactions_until_id: String(row.transactions_until_id),
      audit_until_id: String(row.audit_until_id),
      is_blocked: Number(row.is_blocked),
      has_more: Number(row.has_more),
    };
  };

  beforeAll(async () => {
    bank = await createSealBank();
    slow = await createConnection(connectionOptions(bank.urls.owner));
    await bank.post(3);
    await bank.seal();
  });
  afterAll(async () => {
    await slow?.end();
    await bank?.close();
  });

  it('takes at most so many, and tells that there are more', async () => {
    const ids = await bank.post(5);
    expect(await watermark(2)).toMatchObject({ transactions_until_id: ids[1], has_more: 1, is_blocked: 0 });
    expect(await watermark()).toMatchObject({ transactions_until_id: ids[4], has_more: 0 });
    await bank.seal(2);
    expect(await bank.verify()).toMatchObject({ findings_count: 0, unsealed: { transactions_count: 0 } });
  });

  it('leaves what has not settled, and what stands behind it', async () => {
    const { transactions_until_id: before } = await watermark();
    await bank.post(2);
    expect(await watermark(1000, 3600)).toMatchObject({ transactions_until_id: before, has_more: 0 });
    await bank.seal();
  });

  it('a session in a time zone ahead does not hold the seal up until its clock is reached', async () => {
    await bank.seal();
    await slow.query("SET time_zone = '+02:00'");
    await slow.query('UPDATE users SET full_name = ? LIMIT 1', ['Ahead Of Time']);
    await slow.query("SET time_zone = '+00:00'");
    const { audit_until_id: before } = await watermark(1000, 3600);
    expect(BigInt(before)).toBe(BigInt((await bank.head()).statement.audit_until_id) + 1n);
    await bank.createUser();
    expect((await watermark(1000, 3600)).audit_until_id).toBe(before);
    await bank.seal();
  });

  it('does not go past an id that is given but not committed, whichever way that ends', async () => {
    const [template = ''] = await bank.post(1);
    await bank.seal();
    for (const end of ['COMMIT', 'ROLLBACK']) {
      await slow.query('BEGIN');
      await copyOf(slow, 'transactions', template, { reference_id: `FL0000000000${end.slice(0, 4)}` });
      const higher = await bank.post(2);
      expect(await watermark()).toMatchObject({ is_blocked: 1, has_more: 0 });
      const blocks = await bank.blockCount();
      await bank.seal();
      expect(await bank.blockCount()).toBe(blocks);
      await slow.query(end);
      expect(await watermark()).toMatchObject({ is_blocked: 0, transactions_until_id: higher[1] });
      await bank.seal();
      expect(await bank.verify()).toMatchObject({ findings_count: 0, unsealed: { transactions_count: 0 } });
    }
  });

  it('an audit row under way holds back the audit rows alone, not the ledger', async () => {
    await bank.seal();
    await slow.query('BEGIN');
    await slow.query('UPDATE users SET full_name = ? LIMIT 1', ['Under Way']);
    await bank.createUser();
    const [id] = await bank.post(1);
    const before = (await bank.head()).statement.audit_until_id;
    expect(await watermark()).toMatchObject({
      is_blocked: 1,
      transactions_until_id: id,
      audit_until_id: before,
    });
    await slow.query('COMMIT');
    await bank.seal();
    expect(await bank.verify()).toMatchObject({ findings_count: 0, unsealed: { audit_rows_count: 0 } });
  });

  it('seals while many post, without a false alarm, and posting never waits for it', async () => {
    const pools = Array.from({ length: 4 }, () => createBankPool(bank.urls.api, { connectionLimit: 1 }));
    let isPosting = true;
    const sealing = (async () => {
      while (isPosting) await bank.seal(50);
    })();
    const codes = await Promise.all(
      pools.map(async (pool, index) => {
        const [from, to] = index % 2 === 0 ? bank.accounts : [...bank.accounts].reverse();
        const found = new Set<string>();
        for (let round = 0; round < 25; round += 1) {
          // A declined item burns no id, but an odd number of accepted ones does.
          const items = Array.from({ length: 1 + ((index + round) % 5) }, (_, at) =>
            p.transfer(from ?? '', to ?? '', at === 3 ? 10_000_000n : 1n),
          );
          for (const { code } of await postBatch(pool, items)) found.add(code);
        }
        await pool.end();
        return [...found].sort();
      }),
    );
    isPosting = false;
    await sealing;
    await bank.seal();
    expect(codes).toEqual(Array(4).fill(['INSUFFICIENT_FUNDS', 'OK']));
    expect(await bank.verify({ pinnedKeys: [bank.signingKey.publicKey] })).toMatchObject({
      findings: [],
      unsealed: { transactions_count: 0, audit_rows_count: 0 },
    });
  });

  it('two keepers at once make one chain', async () => {
    await bank.post(30);
    await Promise.all([bank.seal(3), bank.seal(4), bank.seal(5)]);
    await bank.seal();
    expect(await bank.verify()).toMatchObject({ findings: [], unsealed: { transactions_count: 0 } });
  });

  it('is for the worker alone, and what is sealed is append-only', async () => {
    for (const url of [bank.urls.api, bank.urls.auditor]) {
      const pool = createBankPool(url, { connectionLimit: 1 });
      await expect(pool.query('CALL sp_seal_watermark(1, 1, 0)')).rejects.toMatchObject({ errno: 1370 });
      await expect(pool.query('CALL sp_append_seal(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)')).rejects.toMatchObject({
        errno: 1370,
      });
      await pool.end();
    }
    for (const table of ['seal_blocks', 'seal_keys']) {
      await expect(bank.root.query(`DELETE FROM ${table}`)).rejects.toThrow(`${table} is append-only`);
      await expect(bank.root.query(`UPDATE ${table} SET key_id = NULL`)).rejects.toThrow(
        /append-only|cannot be null/,
      );
    }
  });

  it.each([
    ['a hash that is not that of its statement', { hash: Buffer.alloc(32, 1) }],
    ['digests that are cut', { digests: Buffer.alloc(41) }],
    ['an end before its beginning', { until: '0' }],
  ])(
    'a block with %s is refused',
    async (_, { hash, digests, until }: { hash?: Buffer; digests?: Buffer; until?: string }) => {
      const { statement, head_hash } = await bank.head();
      await expect(
        bank.worker.call('sp_append_seal', [
          statement.block_id + 1,
          Buffer.from(statement.chain_id, 'hex'),
          Buffer.from(head_hash, 'hex'),
          until ?? statement.transactions_until_id,
          statement.audit_until_id,
          digests ?? Buffer.alloc(0),
          '2100-01-01 00:00:00.000',
          hash ?? Buffer.alloc(32),
          null,
          null,
          null,
        ]),
      ).rejects.toThrow('SEAL_BLOCK_DOES_NOT_FIT');
    },
  );
});
