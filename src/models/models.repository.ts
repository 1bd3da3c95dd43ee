import { Injectable } from '@nestjs/common';
import { type Actor, Database } from '../database';
import { Conditions } from '../database/conditions';
import type { ModelAnswer } from './models.dto';

type Measures = Partial<NonNullable<ModelAnswer['measures']>>;

export interface ModelRow {
  model_version: number;
  kind: string;
  state: ModelAnswer['state'];
  state_reason: string | null;
  state_changed_at: string;
  trained_on: ModelAnswer['trained_on'];
  trained_rows: number;
  confirmed_frauds: number;
  trained_because: string | null;
  created_at: string;
  /** MySQL gives a JSON column parsed, MariaDB as text. */
  measures: Measures | string | null;
}

export interface BudgetRow {
  review_share: string;
  block_share: string;
  changed_by: string | null;
  changed_at: string;
}

const MODELS = `SELECT model_version, kind, state, state_reason, state_changed_at, trained_on, trained_rows, confirmed_frauds,
  trained_because, created_at, measures FROM risk_models`;

@Injectable()
export class ModelsRepository {
  constructor(private readonly database: Database) {}

  /** Newest first. */
  list(filter: {
    state: string | undefined;
    before: string | undefined;
    limit: number;
  }): Promise<ModelRow[]> {
    const conditions = new Conditions()
      .and('model_version < ?', filter.before)
      .and('state = ?', filter.state);
    return this.database.query<ModelRow>(`${MODELS}${conditions.where} ORDER BY model_version DESC LIMIT ?`, [
      ...conditions.parameters,
      filter.limit,
    ]);
  }

  async find(version: string): Promise<ModelRow | undefined> {
    const [row] = await this.database.query<ModelRow>(`${MODELS} WHERE model_version = ?`, [version]);
    return row;
  }

  /** @throws SIGNAL RISK_MODEL_NOT_FOUND, RISK_MODEL_REFUSED */
  async activate(actor: Actor, version: string, reason: string): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_activate_risk_model', [version, reason]),
    );
  }

  async budget(): Promise<BudgetRow | undefined> {
    const [row] = await this.database.query<BudgetRow>(
      `SELECT r.setting_value AS review_share, b.setting_value AS block_share, r.updated_by AS changed_by, r.updated_at AS changed_at
       FROM bank_settings r JOIN bank_settings b ON b.setting_key = 'alert_block_share' WHERE r.setting_key = 'alert_review_share'`,
    );
    return row;
  }

  async setBudget(actor: Actor, review_share: number, block_share: number, reason: string): Promise<void> {
    await this.database.onConnection(actor, (queries) =>
      queries.call('sp_set_alert_budget', [review_share, block_share, reason]),
    );
  }

  /** The database's time at which it was asked for. @throws SIGNAL RISK_MODEL_TOO_LITTLE_HISTORY */
  async askTraining(actor: Actor, reason: string): Promise<string> {
    const [rows] = await this.database.onConnection(actor, (queries) =>
      queries.call<{ asked_at: string }>('sp_ask_model_training', [reason]),
    );
    return rows?.[0]?.asked_at ?? '';
  }
}
