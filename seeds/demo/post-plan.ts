import { idempotencyKey, requestHash, type PostingItem, type PostingOutcome } from '../../src/posting';
import type { DemoIds } from './load-people';
import { isFreeze, type Plan, type PlannedFreeze, type PlannedPosting } from './plan';

/** Enough for few round trips, few enough that progress shows. */
const BATCH_SIZE = 250;

export interface PlanSink {
  post(items: readonly PostingItem[]): Promise<PostingOutcome[]>;
  freeze(accountId: string, actorId: string): Promise<void>;
  /** Told after each batch. */
  posted(done: number, total: number): void;
}

export interface PostedPlan {
  /** One line for each item that was not answered as planned. */
  surprises: string[];
  /** Transactions that are known as fraud. */
  fraud_transaction_ids: string[];
}

/**
 * Posts a plan in its order. What an earlier run has posted is found under its key, so that a run which was interrupted goes on
 * where it stopped. An item that refers to another waits until that one has its id.
 */
export async function postPlan(plan: Plan, ids: DemoIds, sink: PlanSink): Promise<PostedPlan> {
  const poster = new Poster(ids, sink, plan.steps.length);
  for (const step of plan.steps) await (isFreeze(step) ? poster.freeze(step) : poster.add(step));
  await poster.flush();
  return poster.result;
}

class Poster {
  readonly result: PostedPlan = { surprises: [], fraud_transaction_ids: [] };
  private readonly outcomes = new Map<string, PostingOutcome>();
  private waiting: PlannedPosting[] = [];
  private done = 0;

  constructor(
    private readonly ids: DemoIds,
    private readonly sink: PlanSink,
    private readonly total: number,
  ) {}

  async add(step: PlannedPosting): Promise<void> {
    const reference = step.hold ?? step.original;
    const mustWait = reference !== undefined && !this.outcomes.has(reference);
    if (mustWait || this.waiting.length >= BATCH_SIZE) await this.flush();
    this.waiting.push(step);
  }

  async freeze({ freeze, actor }: PlannedFreeze): Promise<void> {
    await this.flush();
    await this.sink.freeze(idOf(this.ids.accounts, freeze), idOf(this.ids.users, actor));
    this.done += 1;
  }

  async flush(): Promise<void> {
    const batch = this.waiting;
    if (batch.length === 0) return;
    this.waiting = [];
    const outcomes = await this.sink.post(batch.map((step) => this.toItem(step)));
    for (const [index, step] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome) this.note(step, outcome);
    }
    this.done += batch.length;
    this.sink.posted(this.done, this.total);
  }

  private note(step: PlannedPosting, outcome: PostingOutcome): void {
    this.outcomes.set(step.name, outcome);
    if (outcome.code !== step.expected)
      this.result.surprises.push(`${step.name}: ${outcome.code} instead of ${step.expected}`);
    else if (step.is_fraud && outcome.transaction_id)
      this.result.fraud_transaction_ids.push(outcome.transaction_id);
  }

  private toItem(step: PlannedPosting): PostingItem {
    const { ids, outcomes } = this;
    const known = (map: Map<string, string>, name: string | undefined) =>
      name === undefined ? undefined : idOf(map, name);
    const { name, expected: _expected, is_fraud: _isFraud, ...request } = step;
    return {
      key: idempotencyKey('demo', name),
      hash: requestHash(request),
      type: step.type,
      debit: known(ids.accounts, step.debit),
      credit: known(ids.accounts, step.credit),
      amount: step.amount,
      currency: step.currency,
      actor: known(ids.users, step.actor),
      effective_us: step.at * 1000,
      expires_us: step.expires_at === undefined ? undefined : step.expires_at * 1000,
      // Zero is no id: where the hold or the original was declined, so is what refers to it.
      hold: step.hold === undefined ? undefined : (outcomes.get(step.hold)?.hold_id ?? '0'),
      original:
        step.original === undefined ? undefined : (outcomes.get(step.original)?.transaction_id ?? '0'),
      legs: step.legs?.map((leg) => ({ account: idOf(ids.accounts, leg.account), amount: leg.amount })),
      merchant: known(ids.merchants, step.merchant),
      card: known(ids.cards, step.card),
      channel: step.channel,
      description: step.description,
      declined_reason: step.declined_reason,
    };
  }
}

function idOf(map: Map<string, string>, name: string): string {
  const id = map.get(name);
  if (!id) throw new Error(`the demo bank's "${name}" is missing`);
  return id;
}
