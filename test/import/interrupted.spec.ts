import { createTestBank, type TestBank } from '../support/bank';
import { integrityProblems } from '../support/postings';
import { clientEntries, createWorkspace, runImport, stopAfter, type Workspace } from './support';

let whole: TestBank;
let workspace: Workspace;

beforeAll(async () => {
  whole = await createTestBank();
  workspace = await createWorkspace();
  await runImport(whole, workspace);
});

afterAll(async () => {
  await whole.close();
  await workspace.remove();
});

test('an import that is stopped again and again ends with the same ledger', async () => {
  const bank = await createTestBank();
  try {
    let runs = 0;
    let posted = 0;
    for (let isDone = false; !isDone; runs += 1) {
      // Every run gets a little further: through the users, the first reading, the first batches, …
      const summary = await runImport(bank, workspace, { signal: stopAfter(3 + runs * 4), batchItems: 7 });
      posted += summary.counts.payments + summary.counts.refunds;
      isDone = !summary.isInterrupted;
    }
    expect(runs).toBeGreaterThan(5);
    expect(posted).toBe(58);
    expect(await clientEntries(bank.owner)).toEqual(await clientEntries(whole.owner));
    expect(await integrityProblems(bank.owner)).toEqual([]);
  } finally {
    await bank.close();
  }
});

test('two imports at the same time: one runs, the other says so', async () => {
  const bank = await createTestBank();
  try {
    const results = await Promise.allSettled([runImport(bank, workspace), runImport(bank, workspace)]);
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map((result) => String(result.reason))).toEqual([
      'ImportError: Another import into this bank is under way.',
    ]);
    expect(await clientEntries(bank.owner)).toEqual(await clientEntries(whole.owner));
  } finally {
    await bank.close();
  }
});
