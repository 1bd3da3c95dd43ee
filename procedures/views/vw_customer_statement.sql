-- vw_customer_statement: every movement on every customer's account, in the order of posting. Amounts in major units, signed as
-- the customer sees them: credits positive.
CREATE VIEW vw_customer_statement AS
SELECT u.user_id, u.username, a.account_number, t.effective_at AS transaction_date, t.type,
  COALESCE(t.description, m.name, CONCAT(UPPER(LEFT(t.type, 1)), SUBSTRING(t.type, 2))) AS narrative,
  CAST(e.amount_minor / c.minor_per_major AS DECIMAL(24, 4)) AS amount,
  CAST(e.balance_after_minor / c.minor_per_major AS DECIMAL(24, 4)) AS balance_after,
  IF(r.original_transaction_id IS NULL, 'posted', 'reversed') AS status,
  a.account_id, a.currency, e.account_seq, e.transaction_id, e.posted_at
FROM ledger_entries e
JOIN accounts a ON a.account_id = e.account_id
JOIN users u ON u.user_id = a.user_id
JOIN currencies c ON c.currency = a.currency
JOIN transactions t ON t.transaction_id = e.transaction_id
LEFT JOIN merchants m ON m.merchant_id = t.merchant_id
LEFT JOIN reversals r ON r.original_transaction_id = e.transaction_id;
