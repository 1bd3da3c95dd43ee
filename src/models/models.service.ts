import { Injectable } from '@nestjs/common';
import { type Actor, idOrNull, toIso } from '../database';
import { BankError } from '../errors';
import { CursorSigner } from '../http/cursor';
import type { BudgetAnswer, ModelAnswer, ModelsQueryDto, SetBudgetDto } from './models.dto';
import { type ModelRow, ModelsRepository } from './models.repository';

@Injectable()
export class ModelsService {
  constructor(
    private readonly models: ModelsRepository,
    private readonly cursors: CursorSigner,
  ) {}

  /** Newest first. */
  async list(query: ModelsQueryDto): Promise<{ items: ModelAnswer[]; next_cursor: string | null }> {
    const filters = { list: 'risk/models', ...query };
    const [before] = this.cursors.start(filters);
    const rows = await this.models.list({
      state: query.state,
      before: before,
      limit: query.limit + 1,
    });
    const page = this.cursors.page(rows, query.limit, filters, (last) => [String(last.model_version)]);
    return { ...page, items: page.items.map(modelAnswer) };
  }

  /** @throws BankError RISK_MODEL_NOT_FOUND, RISK_MODEL_REFUSED */
  async activate(actor: Actor, version: string, reason: string): Promise<ModelAnswer> {
    await this.models.activate(actor, version, reason);
    const row = await this.models.find(version);
    if (!row) throw new BankError('RISK_MODEL_NOT_FOUND');
    return modelAnswer(row);
  }

  /** Shares of ordinary transactions, 0 to 1. */
  async budget(): Promise<BudgetAnswer> {
    const row = await this.models.budget();
    if (!row) throw new Error('the settings alert_review_share and alert_block_share are missing');
    return {
      review_share: Number(row.review_share),
      block_share: Number(row.block_share),
      changed_by: idOrNull(row.changed_by),
      changed_at: toIso(row.changed_at),
    };
  }

  async setBudget(actor: Actor, { review_share, block_share, reason }: SetBudgetDto): Promise<BudgetAnswer> {
    await this.models.setBudget(actor, review_share, block_share, reason);
    return this.budget();
  }

  /** @throws BankError RISK_MODEL_TOO_LITTLE_HISTORY */
  async retrain(actor: Actor, reason: string): Promise<{ asked_at: string }> {
    return { asked_at: toIso(await this.models.askTraining(actor, reason)) };
  }
}

function modelAnswer(row: ModelRow): ModelAnswer {
  const measures =
    typeof row.measures === 'string'
      ? (JSON.parse(row.measures) as Partial<NonNullable<ModelAnswer['measures']>>)
      : row.measures;
  return {
    model_version: Number(row.model_version),
    kind: row.kind,
    state: row.state,
    state_reason: row.state_reason,
    state_changed_at: toIso(row.state_changed_at),
    trained_on: row.trained_on,
    trained_rows: Number(row.trained_rows),
    confirmed_frauds: Number(row.confirmed_frauds),
    trained_because: row.trained_because,
    trained_at: toIso(row.created_at),
    measures: measures && {
      transactions: measures.transactions ?? 0,
      alert_rate: measures.alert_rate ?? null,
      psi: measures.psi ?? null,
      drifted: measures.drifted ?? [],
      measured_at: measures.measured_at ?? toIso(row.state_changed_at),
    },
  };
}
