-- sp_get_balance(p_account_id, p_at, p_clock): what an account has now (p_at NULL), or had at a past moment in UTC.
--
-- p_clock: 'effective' sums what had happened by then (value date); 'posted' is what the bank had written by then.
-- Past moments have no held or available amount: those columns are NULL. No row: no such account.
-- Example: CALL sp_get_balance(11, NULL, NULL);  CALL sp_get_balance(11, '2026-01-31 23:59:59', 'posted');
DELIMITER //
CREATE PROCEDURE sp_get_balance(IN p_account_id BIGINT UNSIGNED, IN p_at DATETIME(6), IN p_clock VARCHAR(16) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_balance BIGINT;
  DECLARE v_low, v_high, v_middle BIGINT UNSIGNED;
  DECLARE v_posted_at DATETIME(6);

  IF p_at IS NULL THEN
    SELECT account_id, account_number, currency, balance_minor, held_minor,
      balance_minor - held_minor + overdraft_limit_minor AS available_minor, UTC_TIMESTAMP(6) AS as_of
    FROM accounts WHERE account_id = p_account_id;
  ELSE
    IF p_clock = 'posted' THEN
      -- posted_at never falls along account_seq, so the last entry by then is found by halving, without an index of its own.
      SELECT 0, last_account_seq INTO v_low, v_high FROM accounts WHERE account_id = p_account_id;
      WHILE v_low < v_high DO
        SET v_middle = (v_low + v_high + 1) DIV 2;
        SELECT posted_at INTO v_posted_at FROM ledger_entries WHERE account_id = p_account_id AND account_seq = v_middle;
        IF v_posted_at <= p_at THEN SET v_low = v_middle; ELSE SET v_high = v_middle - 1; END IF;
      END WHILE;
      SELECT COALESCE(MAX(balance_after_minor), 0) INTO v_balance
      FROM ledger_entries WHERE account_id = p_account_id AND account_seq = v_low;
    ELSE
      SELECT last_account_seq INTO v_high FROM accounts WHERE account_id = p_account_id;
      CALL sp_sum_until(p_account_id, p_at, v_high, v_balance);
    END IF;
    SELECT account_id, account_number, currency, v_balance AS balance_minor, NULL AS held_minor, NULL AS available_minor,
      p_at AS as_of
    FROM accounts WHERE account_id = p_account_id;
  END IF;
END//
DELIMITER ;
