-- sp_get_balance_before(p_account_id, p_before, p_up_to_seq): total_minor, what an account had right before a moment on the effective
-- clock by its entries numbered up to p_up_to_seq: where a statement begins or ends that later postings must not shift.
-- Example: CALL sp_get_balance_before(11, '2026-02-01 00:00:00', 250);
DELIMITER //
CREATE PROCEDURE sp_get_balance_before(IN p_account_id BIGINT UNSIGNED, IN p_before DATETIME(6), IN p_up_to_seq BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_total BIGINT DEFAULT 0;
  CALL sp_sum_until(p_account_id, p_before - INTERVAL 1 MICROSECOND, p_up_to_seq, v_total);
  SELECT v_total AS total_minor;
END//
DELIMITER ;
