-- vw_balance_sheet: assets, liabilities and equity of each currency, in major units, each on its normal side.
--
-- Income less expense of the running year stands in equity, so that assets always equal liabilities plus equity.
CREATE VIEW vw_balance_sheet AS
SELECT k.category,
  CAST(COALESCE(SUM(CASE
    WHEN k.category = 'assets' AND g.category = 'asset' THEN -a.balance_minor
    WHEN k.category = 'liabilities' AND g.category = 'liability' THEN a.balance_minor
    WHEN k.category = 'equity' AND g.category IN ('equity', 'income', 'expense') THEN a.balance_minor
    ELSE 0 END), 0) / MAX(c.minor_per_major) AS DECIMAL(24, 4)) AS total_amount,
  a.currency
FROM accounts a
JOIN chart_of_accounts g ON g.account_type = a.account_type
JOIN currencies c ON c.currency = a.currency
CROSS JOIN (SELECT 'assets' AS category UNION ALL SELECT 'liabilities' UNION ALL SELECT 'equity') k
GROUP BY k.category, a.currency;
