import { formatAmount } from '../../src/money/amount';
import { roundScore, verdictOf } from '../../src/risk';

const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', EUR: '€', INR: '₹', GBP: '£', JPY: '¥' };

export interface ScoredTransaction {
  transaction_id: string;
  amount_minor: bigint;
  currency: string;
  /** Decimals of the currency. */
  exponent: number;
  risk_score: number;
}

/** The line of the console: TXN #5 | $15,000.00 | score 0.9200 | CRITICAL. Currencies without a well-known sign go by code. */
export function scoreLine(scored: ScoredTransaction): string {
  const [whole = '', decimals] = formatAmount(scored.amount_minor, scored.exponent).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = SYMBOLS[scored.currency] ?? `${scored.currency} `;
  const amount = `${sign}${grouped}${decimals === undefined ? '' : `.${decimals}`}`;
  const score = roundScore(scored.risk_score).toFixed(4);
  return `TXN #${scored.transaction_id} | ${amount} | score ${score} | ${verdictOf(scored.risk_score)}`;
}
