-- vw_ledger_integrity_check: zero rows is health. net_sum is in minor units.
--
-- problem is one of: unbalanced_transaction, too_few_entries, currency_mismatch, orphan_entry, balance_differs_from_entries,
-- running_balance_gap, held_differs_from_holds, available_below_zero.
CREATE VIEW vw_ledger_integrity_check AS
SELECT t.transaction_id, t.reference_id, COALESCE(SUM(e.amount_minor), 0) AS net_sum, COUNT(e.leg) AS entries_count,
  CAST(NULL AS UNSIGNED) AS account_id,
  CASE WHEN COUNT(e.leg) < 2 THEN 'too_few_entries' WHEN SUM(e.amount_minor) <> 0 THEN 'unbalanced_transaction'
    ELSE 'currency_mismatch' END AS problem
FROM transactions t
LEFT JOIN ledger_entries e ON e.transaction_id = t.transaction_id
LEFT JOIN accounts a ON a.account_id = e.account_id
GROUP BY t.transaction_id, t.reference_id, t.currency
HAVING COUNT(e.leg) < 2 OR SUM(e.amount_minor) <> 0 OR SUM(NOT (a.currency <=> t.currency)) > 0
UNION ALL
SELECT e.transaction_id, NULL, SUM(e.amount_minor), COUNT(*), MIN(e.account_id), 'orphan_entry'
FROM ledger_entries e
LEFT JOIN transactions t ON t.transaction_id = e.transaction_id
WHERE t.transaction_id IS NULL
GROUP BY e.transaction_id
UNION ALL
SELECT NULL, a.account_number, a.balance_minor - COALESCE(s.net_sum, 0), COALESCE(s.entries_count, 0), a.account_id,
  'balance_differs_from_entries'
FROM accounts a
LEFT JOIN (
  SELECT account_id, SUM(amount_minor) AS net_sum, COUNT(*) AS entries_count, MAX(account_seq) AS last_account_seq
  FROM ledger_entries GROUP BY account_id
) s ON s.account_id = a.account_id
WHERE a.balance_minor <> COALESCE(s.net_sum, 0) OR a.last_account_seq <> COALESCE(s.entries_count, 0)
  OR a.last_account_seq <> COALESCE(s.last_account_seq, 0)
UNION ALL
SELECT w.transaction_id, NULL, w.balance_after_minor - w.amount_minor - w.previous_balance_minor, 1, w.account_id, 'running_balance_gap'
FROM (
  SELECT transaction_id, account_id, account_seq, amount_minor, balance_after_minor,
    COALESCE(LAG(balance_after_minor) OVER (PARTITION BY account_id ORDER BY account_seq), 0) AS previous_balance_minor,
    COALESCE(LAG(account_seq) OVER (PARTITION BY account_id ORDER BY account_seq), 0) AS previous_seq
  FROM ledger_entries
) w
WHERE w.balance_after_minor - w.amount_minor <> w.previous_balance_minor OR w.account_seq <> w.previous_seq + 1
UNION ALL
SELECT NULL, a.account_number, a.held_minor - COALESCE(h.held_minor, 0), COALESCE(h.holds_count, 0), a.account_id,
  'held_differs_from_holds'
FROM accounts a
LEFT JOIN (
  SELECT account_id, SUM(amount_minor) AS held_minor, COUNT(*) AS holds_count FROM holds WHERE status = 'active' GROUP BY account_id
) h ON h.account_id = a.account_id
WHERE a.held_minor <> COALESCE(h.held_minor, 0)
UNION ALL
SELECT NULL, a.account_number, a.balance_minor - a.held_minor + a.overdraft_limit_minor, 0, a.account_id, 'available_below_zero'
FROM accounts a
WHERE a.user_id IS NOT NULL AND a.balance_minor - a.held_minor + a.overdraft_limit_minor < 0;
