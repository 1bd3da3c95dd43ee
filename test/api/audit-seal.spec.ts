import { createPublicKey, hash, randomBytes, verify } from 'node:crypto';
import { parseHead, parseSigningKey, verifyChain } from '../../src/seal';
import { ConnectionState } from '../../worker/runtime/connection-state';
import { WorkerDatabase } from '../../worker/runtime/worker-database';
import { SealKeeper } from '../../worker/seal/seal-keeper';
import { withApi } from '../support/api';
import { deposit, postOne } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';
import { silent } from '../worker/worker-bank';

describe('the seal of the books', () => {
  const staffed = useStaffedApi();
  const key = parseSigningKey(randomBytes(32).toString('base64url'));

  async function seal(): Promise<void> {
    const database = new WorkerDatabase(
      staffed.bank.urls.worker,
      2,
      new ConnectionState('the database', silent),
    );
    const options = { interval_ms: 1, settle_s: 0, rows_max: 1000 };
    await new SealKeeper(database, key, silent, options).step(new AbortController().signal);
    await database.close();
  }
  const post = async () => {
    const account = await staffed.bank.openAccount(staffed.customer.user_id);
    return postOne(staffed.bank.pool, deposit(account, 100n));
  };

  it.each(['/audit/seal', '/audit/seal/head'])('%s is for auditors and administrators', async (path) => {
    expect((await staffed.get(path, staffed.auditor)).status).not.toBe(403);
    expect((await staffed.get(path, staffed.customer)).body).toMatchObject({
      status: 403,
      code: 'FORBIDDEN',
    });
    expect((await staffed.api.http.get(path)).body).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });

  it('before anything is sealed: nothing is, rows wait, and there is no head', async () => {
    await post();
    const { body } = await staffed.get('/audit/seal', staffed.auditor);
    expect(body).toMatchObject({ sealed: null, waiting: { transactions_count: 1 } });
    expect(body.waiting.audit_rows_count).toBeGreaterThan(0);
    expect(body.lag_seconds).toBeGreaterThan(0);
    expect((await staffed.get('/audit/seal/head', staffed.auditor)).body).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
    });
    expect((await staffed.api.http.get('/audit/seal/keys')).body).toEqual({ items: [] });
  });

  it('then: how far, when, which head, and nothing waits', async () => {
    const { transaction_id } = await post();
    await seal();
    const { body } = await staffed.get('/audit/seal', staffed.auditor);
    expect(body).toMatchObject({
      sealed: {
        block_id: '1',
        transactions_until_id: transaction_id,
        key_id: key.publicKey.key_id,
        signature: 'valid',
        head_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      },
      waiting: { transactions_count: 0, audit_rows_count: 0, oldest_at: null },
      lag_seconds: 0,
    });
    await post();
    expect((await staffed.get('/audit/seal')).body.waiting.transactions_count).toBe(1);
  });

  it('the lag is a metric: it grows with the age of what waits, and is nothing when nothing does', async () => {
    const lag = async () => {
      const { text } = await staffed.api.http.get('/metrics');
      return Number(/^florin_seal_lag_seconds (\S+)$/m.exec(text)?.[1]);
    };
    await seal();
    expect(await lag()).toBe(0);
    await post();
    expect(await lag()).toBeGreaterThan(0);
  });

  it('the head is a file that verifies with the published key and nothing else, and against which the chain verifies', async () => {
    await seal();
    const response = await staffed.get('/audit/seal/head', staffed.auditor);
    expect(response.headers['content-disposition']).toContain('attachment');
    const { statement, head_hash, key_id, signature } = response.body;
    const { items } = (await staffed.api.http.get('/audit/seal/keys')).body;
    expect(items).toEqual([
      { key_id, algorithm: 'Ed25519', public_key: key.publicKey.pem, source: 'database' },
    ]);
    expect(hash('sha256', statement, 'hex')).toBe(head_hash);
    const publicKey = createPublicKey(items[0].public_key);
    expect(verify(null, Buffer.from(statement), publicKey, Buffer.from(signature, 'base64'))).toBe(true);
    const head = parseHead('head.json', response.text);
    expect(await verifyChain(staffed.bank.owner, { heads: [head] })).toMatchObject({
      findings: [],
      matching_heads: ['head.json'],
    });
  });

  it('an older head can be asked for', async () => {
    expect((await staffed.get('/audit/seal/head?block_id=1')).body.statement).toContain('\nblock 1\n');
    expect((await staffed.get('/audit/seal/head?block_id=99')).body).toMatchObject({ code: 'NOT_FOUND' });
    expect((await staffed.get('/audit/seal/head?block_id=x')).body).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
  });

  it('keys that are configured are the ones published and believed, not those in the database', async () => {
    const other = parseSigningKey(randomBytes(32).toString('base64')).publicKey;
    const [own, foreign] = [key.publicKey.raw.toString('base64'), other.raw.toString('base64')];
    const look = async (configured: string) =>
      withApi(staffed.bank, { SEAL_PUBLIC_KEYS: configured }, async (api) => {
        const { headers } = await api.staff('auditor');
        return {
          signature: (await api.http.get('/audit/seal').set(headers)).body.sealed.signature,
          keys: (await api.http.get('/audit/seal/keys')).body.items.map(
            (item: { key_id: string }) => item.key_id,
          ),
        };
      });
    expect(await look(`${own}, ${foreign}`)).toEqual({
      signature: 'valid',
      keys: [key.publicKey.key_id, other.key_id],
    });
    expect(await look(other.pem)).toEqual({ signature: 'unknown_key', keys: [other.key_id] });
    await expect(look('not a key')).rejects.toThrow('SEAL_PUBLIC_KEYS: must be Ed25519 public keys');
  });
});
