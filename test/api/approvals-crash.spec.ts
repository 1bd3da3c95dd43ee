import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createServer } from 'node:net';
import { KIND_NAMES } from '../../src/approvals/kinds';
import type { ApiUser } from '../support/api';
import { fundsOf, systemAccount } from '../support/postings';
import { useStaffedApi } from '../support/staffed-api';

const MAIN = join(__dirname, '..', '..', 'dist', 'src', 'main.js');
const staffed = useStaffedApi();

/** The built API in a process of its own, killed while it executes what was approved: all of it is done once in the end. */
describe('four eyes and a killed API process', () => {
  const JOURNALS = 12;
  const ROLES = 12;
  let second: ApiUser;
  let account: string;
  let suspense: string;

  beforeAll(async () => {
    second = await staffed.api.staff('admin');
    account = await staffed.bank.openAccount(staffed.customer.user_id);
    suspense = await systemAccount(staffed.bank.owner, 'suspense');
    await staffed.bank.owner.execute(
      "INSERT INTO bank_settings (setting_key, setting_value) VALUES ('four_eyes', ?)",
      [KIND_NAMES.join(',')],
    );
  });

  async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  async function startProcess(): Promise<{ child: ChildProcess; url: string }> {
    const port = await freePort();
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, ...staffed.bank.environment, API_PORT: String(port) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const url = `http://127.0.0.1:${port}`;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the API ended with ${child.exitCode}`);
      if ((await fetch(`${url}/health`).catch(() => null))?.ok) return { child, url };
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function askForAll(): Promise<string[]> {
    const ids: string[] = [];
    for (let index = 0; index < JOURNALS; index += 1) {
      const { body } = await staffed.post('/admin/journal-entries', {
        currency: 'USD',
        description: `Correction ${index}`,
        legs: [
          { account_id: suspense, direction: 'debit', amount: '1.00' },
          { account_id: account, direction: 'credit', amount: '1.00' },
        ],
      });
      ids.push(body.approval_id as string);
    }
    for (let index = 0; index < ROLES; index += 1) {
      const { user_id } = await staffed.bank.createUser();
      const { body } = await staffed.patch(`/admin/users/${user_id}/role`, { role: 'auditor' });
      ids.push(body.approval_id as string);
    }
    return ids;
  }

  const open = async () => {
    const [row] = await staffed.bank.owner.query<{ count: number }>(
      "SELECT COUNT(*) AS count FROM approval_requests WHERE status = 'approved' OR (status = 'executed' AND finished_at IS NULL)",
    );
    return Number(row?.count);
  };

  it.each([15, 60, 150])(
    'killed after %i ms',
    async (delayMs) => {
      const { child, url } = await startProcess();
      const ids = await askForAll();
      const before = await fundsOf(staffed.bank.owner, account);
      const ended = new Promise((resolve) => child.once('exit', resolve));
      const answers = ids.map((id) =>
        fetch(`${url}/approvals/${id}/approve`, { method: 'POST', headers: second.headers }).then(
          ({ status }) => status,
          () => null,
        ),
      );
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      child.kill('SIGKILL');
      await ended;
      const statuses = await Promise.all(answers);
      expect(statuses.every((status) => status === 200 || status === null)).toBe(true);

      // The other process goes on with what was approved; what never came to be is approved again, and what was answers again.
      while ((await open()) > 0) await new Promise((resolve) => setTimeout(resolve, 200));
      for (const id of ids)
        expect((await staffed.post(`/approvals/${id}/approve`, {}, undefined, second)).body).toMatchObject({
          status: 'executed',
          result: { code: 'OK' },
        });
      expect((await fundsOf(staffed.bank.owner, account)).balance).toBe(
        before.balance + BigInt(JOURNALS) * 100n,
      );
      const changes = await staffed.bank.owner.query<{ request_id: string; count: number }>(
        `SELECT request_id, COUNT(*) AS count FROM system_audit_logs
       WHERE table_name = 'users' AND action = 'UPDATE' AND request_id IN (${ids.map(() => '?').join(', ')})
       GROUP BY request_id`,
        ids.map((id) => `approval-${id}`),
      );
      expect(changes).toHaveLength(ROLES);
      for (const { count } of changes) expect(Number(count)).toBe(1);
    },
    60_000,
  );
});
