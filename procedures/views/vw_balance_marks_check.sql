-- vw_balance_marks_check: zero rows is health. Marks (see sp_mark_balances) whose count or sum is not that of the entries they stand for.
--
-- Marks are derived data: this says nothing about the ledger, which vw_ledger_integrity_check is for, but about balances at past moments
-- on the effective clock. DELETE FROM account_balance_coverage and account_balance_marks mends it: the worker makes them anew, account by
-- account as entries come in, or all at once when its row balance_marks_to is deleted from worker_state too.
CREATE VIEW vw_balance_marks_check AS
SELECT s.account_id, s.moment AS through_at, s.marked_count, s.entries_count, s.marked_minor, s.balance_minor
FROM (
  SELECT w.account_id, w.moment, w.is_mark, w.marked_count, w.marked_minor,
    SUM(1 - w.is_mark) OVER (PARTITION BY w.account_id ORDER BY w.moment, w.is_mark ROWS UNBOUNDED PRECEDING) AS entries_count,
    SUM(w.amount_minor) OVER (PARTITION BY w.account_id ORDER BY w.moment, w.is_mark ROWS UNBOUNDED PRECEDING) AS balance_minor
  FROM (
    SELECT e.account_id, e.effective_at AS moment, 0 AS is_mark, e.amount_minor, 0 AS marked_count, 0 AS marked_minor
    FROM account_balance_coverage c
    JOIN ledger_entries e ON e.account_id = c.account_id AND e.account_seq <= c.covered_seq
    UNION ALL
    SELECT account_id, through_at, 1, 0, entries_count, balance_minor FROM account_balance_marks
  ) w
) s
WHERE s.is_mark = 1 AND (s.marked_count <> s.entries_count OR s.marked_minor <> s.balance_minor);
