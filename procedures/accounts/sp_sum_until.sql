-- sp_sum_until(p_account_id, p_until, p_up_to_seq, OUT p_sum_minor): sum of an account's entries that had happened by p_until
-- (effective clock, that moment included), of those numbered up to p_up_to_seq. Exact at any time, however far the marks are.
--
-- A mark holds the sum through its moment of the entries numbered up to covered_seq. What is missing: the entries between the mark
-- and p_until, and those that were back-dated to before the mark after it was made. Mark and covered_seq are read by one
-- statement, because sp_mark_balances moves both; entries never change, so they may be read after.
DELIMITER //
CREATE PROCEDURE sp_sum_until(IN p_account_id BIGINT UNSIGNED, IN p_until DATETIME(6), IN p_up_to_seq BIGINT UNSIGNED,
  OUT p_sum_minor BIGINT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_covered BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_through DATETIME(6) DEFAULT NULL;
  DECLARE v_marked, v_between, v_late BIGINT DEFAULT 0;

  SELECT c.covered_seq, m.through_at, m.balance_minor INTO v_covered, v_through, v_marked
  FROM account_balance_coverage c
  JOIN account_balance_marks m ON m.account_id = c.account_id
  WHERE c.account_id = p_account_id AND m.account_id = p_account_id AND m.through_at = (
    SELECT MAX(n.through_at) FROM account_balance_marks n WHERE n.account_id = p_account_id AND n.through_at <= p_until);

  SELECT COALESCE(SUM(amount_minor), 0) INTO v_between
  FROM ledger_entries FORCE INDEX (ix_ledger_entries_effective)
  WHERE account_id = p_account_id AND effective_at > COALESCE(v_through, '1000-01-01') AND effective_at <= p_until
    AND account_seq <= p_up_to_seq;
  IF v_through IS NOT NULL AND v_covered <> p_up_to_seq THEN
    SELECT COALESCE(SUM(amount_minor), 0) INTO v_late
    FROM ledger_entries FORCE INDEX (uq_ledger_entries_account_seq)
    WHERE account_id = p_account_id AND account_seq > LEAST(v_covered, p_up_to_seq)
      AND account_seq <= GREATEST(v_covered, p_up_to_seq) AND effective_at <= v_through;
  END IF;
  SET p_sum_minor = v_marked + v_between + IF(v_covered > p_up_to_seq, -v_late, v_late);
END//
DELIMITER ;
