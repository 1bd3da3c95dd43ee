import type { LoadResult, Plan } from '../client/protocol';
import type { Options } from '../options';
import { type BenchBank, createBenchBank } from './bench-bank';
import { checkBooks } from './books';
import { LoadClient } from './load-client';
import type { Report } from './report';
import type { Servers } from './servers';

/** What all scenarios of a run share. */
export class Bench {
  private readonly banks: BenchBank[] = [];
  private readonly clients: LoadClient[] = [];

  constructor(
    readonly servers: Servers,
    readonly options: Options,
    readonly report: Report,
  ) {}

  /** Makes a bank that goes at the end of the scenario, unless its maker sees to that (keep). */
  async bank(
    name: string,
    accounts = this.options.accounts,
    { keep = false, has_past = false }: { keep?: boolean; has_past?: boolean } = {},
  ): Promise<BenchBank> {
    const bank = await createBenchBank(this.servers, name, accounts, has_past);
    if (!keep) this.banks.push(bank);
    return bank;
  }

  async client(bank: Pick<BenchBank, 'world'>): Promise<LoadClient> {
    const client = await LoadClient.start(bank.world);
    this.clients.push(client);
    return client;
  }

  /** Timing of a round. */
  get timing(): { seconds: number; warm_up_seconds: number } {
    return { seconds: this.options.seconds, warm_up_seconds: this.options.warm_up_seconds };
  }

  /** Runs a plan on a bank and counts what it accepted. @throws Error when anything else than acceptance was answered */
  async load(bank: BenchBank, client: LoadClient, plan: Plan): Promise<LoadResult> {
    const result = await client.run(plan);
    bank.expected += result.accepted;
    const errors = Object.entries(result.errors);
    if (errors.length > 0)
      throw new Error(
        `errors reached the client: ${errors.map(([code, n]) => `${code} ${n} times`).join(', ')}`,
      );
    return result;
  }

  /** After a failure: closes what is open, checks nothing. */
  async abandon(): Promise<void> {
    for (const client of this.clients.splice(0)) client.stop();
    for (const bank of this.banks.splice(0)) await bank.close().catch(() => undefined);
  }

  /** Ends a scenario: the books must be right, or nothing that was measured counts. */
  async end(): Promise<void> {
    for (const client of this.clients.splice(0)) client.stop();
    const banks = this.banks.splice(0);
    try {
      for (const bank of banks) await checkBooks(bank);
    } finally {
      for (const bank of banks) await bank.close();
    }
    if (banks.length > 0)
      this.report.print(
        `  books right: ${banks.map((bank) => `${bank.name} ${bank.expected}`).join(', ')} transactions`,
      );
  }
}

/**
 * Measures variants in turn, round after round, each round beginning with another one: what the machine does besides hits all
 * alike.
 */
export async function alternate<K extends string>(
  rounds: number,
  variants: Record<K, () => Promise<number>>,
): Promise<Record<K, number[]>> {
  const names = Object.keys(variants) as K[];
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  for (let round = 0; round < rounds; round += 1) {
    for (let index = 0; index < names.length; index += 1) {
      const name = names[(index + round) % names.length] as K;
      values[name].push(await variants[name]());
    }
  }
  return values;
}
