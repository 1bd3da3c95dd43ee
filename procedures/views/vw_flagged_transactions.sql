-- vw_flagged_transactions: what someone should look at: verdict SUSPICIOUS or CRITICAL, or above the high-value threshold.
-- Highest risk first. The verdict is that of the newest model version that scored the transaction.
CREATE VIEW vw_flagged_transactions AS
SELECT t.transaction_id, t.reference_id, t.description, IF(r.original_transaction_id IS NULL, 'posted', 'reversed') AS txn_status,
  t.effective_at AS txn_time, s.risk_score, COALESCE(s.verdict, 'PENDING') AS verdict, s.features_used, u.username AS initiated_by,
  t.type, t.currency, CAST(t.amount_minor / c.minor_per_major AS DECIMAL(24, 4)) AS amount, t.is_high_value, s.model_version
FROM transactions t
JOIN currencies c ON c.currency = t.currency
LEFT JOIN transaction_risk_scores s ON s.transaction_id = t.transaction_id
  AND s.model_version = (SELECT MAX(n.model_version) FROM transaction_risk_scores n WHERE n.transaction_id = t.transaction_id)
LEFT JOIN users u ON u.user_id = t.initiated_by
LEFT JOIN reversals r ON r.original_transaction_id = t.transaction_id
WHERE t.is_high_value = 1 OR s.verdict IN ('SUSPICIOUS', 'CRITICAL')
ORDER BY s.risk_score DESC, t.transaction_id DESC;
