/** What a risk score means. procedures/risk/sp_record_risk_scores.sql decides by the same bounds. */
export type Verdict = 'SAFE' | 'SUSPICIOUS' | 'CRITICAL';

/** The lowest score of each verdict, highest first. Scores run from 0.0000 to 1.0000. */
export const VERDICT_BANDS: readonly { verdict: Verdict; from: number }[] = [
  { verdict: 'CRITICAL', from: 0.8 },
  { verdict: 'SUSPICIOUS', from: 0.5 },
  { verdict: 'SAFE', from: 0 },
];

/** A score as it is stored: within 0 to 1, four decimals. */
export function roundScore(score: number): number {
  return Math.round(Math.min(Math.max(score, 0), 1) * 10_000) / 10_000;
}

/** The verdict of a score, after rounding to the four decimals that are stored and shown. */
export function verdictOf(score: number): Verdict {
  const rounded = roundScore(score);
  return VERDICT_BANDS.find((band) => rounded >= band.from)?.verdict ?? 'SAFE';
}
