-- vw_trial_balance: a row a kind of account and currency, each total on its side. Debits equal credits in each currency.
CREATE VIEW vw_trial_balance AS
SELECT g.gl_code, g.account_type, g.name, g.category, a.currency, COUNT(*) AS accounts_count,
  CAST(GREATEST(-SUM(a.balance_minor), 0) / MAX(c.minor_per_major) AS DECIMAL(24, 4)) AS debit_total,
  CAST(GREATEST(SUM(a.balance_minor), 0) / MAX(c.minor_per_major) AS DECIMAL(24, 4)) AS credit_total
FROM accounts a
JOIN chart_of_accounts g ON g.account_type = a.account_type
JOIN currencies c ON c.currency = a.currency
GROUP BY g.gl_code, g.account_type, g.name, g.category, a.currency;
