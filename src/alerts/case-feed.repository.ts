import { Injectable } from '@nestjs/common';
import { Database } from '../database';

export interface FeedRow {
  event_id: string;
  event: string;
  case_id: string;
  alert_id: string | null;
  transaction_id: string | null;
  actor_user_id: string | null;
  detail: unknown;
  occurred_at: string;
  user_id: string;
  username: string;
  case_status: string;
  case_priority: number;
  assigned_to: string | null;
  verdict: string | null;
  risk_score: string | null;
  priority: number | null;
  status: string | null;
  due_at: string | null;
  reference_id: string | null;
  type: string | null;
  amount_minor: string | null;
  currency: string | null;
}

/** Rows of the live feed. Their ids ascend in the order of commits, so what is behind an id that was read is all there is. */
@Injectable()
export class CaseFeedRepository {
  constructor(private readonly database: Database) {}

  async newestId(): Promise<bigint> {
    const [row] = await this.database.query<{ newest: string | null }>(
      'SELECT MAX(event_id) AS newest FROM case_events',
    );
    return BigInt(row?.newest ?? 0);
  }

  after(eventId: bigint, limit: number): Promise<FeedRow[]> {
    return this.database.query<FeedRow>(
      `SELECT e.event_id, e.event, e.case_id, e.alert_id, e.transaction_id, e.actor_user_id, e.detail, e.occurred_at,
         c.user_id, u.username, c.status AS case_status, c.priority AS case_priority, c.assigned_to,
         a.verdict, a.risk_score, a.priority, a.status, a.due_at, t.reference_id, t.type, t.amount_minor, t.currency
       FROM (SELECT * FROM case_events WHERE event_id > ? ORDER BY event_id LIMIT ?) e
       JOIN fraud_cases c ON c.case_id = e.case_id
       JOIN users u ON u.user_id = c.user_id
       LEFT JOIN alerts a ON a.alert_id = e.alert_id
       LEFT JOIN transactions t ON t.transaction_id = e.transaction_id
       ORDER BY e.event_id`,
      [eventId, limit],
    );
  }
}
