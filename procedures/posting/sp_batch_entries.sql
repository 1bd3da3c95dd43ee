-- sp_batch_entries(): numbers the accepted legs on their accounts and gives each the balance after it, into batch_entry.
--
-- Most accounts have one leg in a batch, for which plain arithmetic does. Only the legs of the others take running sums, whose
-- window costs more than all else here.
DELIMITER //
CREATE PROCEDURE sp_batch_entries()
SQL SECURITY DEFINER
BEGIN
  DECLARE v_shared INT DEFAULT 0;

  INSERT INTO batch_entry (account_id, account_seq, is_entry, seq, leg, amount_minor, balance_after_minor, available_after_minor)
  SELECT l.account_id, a.last_account_seq + (l.amount_minor <> 0), l.amount_minor <> 0, l.seq, l.leg, l.amount_minor,
    a.balance_minor + l.amount_minor,
    a.balance_minor - a.held_minor + a.overdraft_limit_minor + l.amount_minor - l.held_delta_minor
  FROM batch_account a STRAIGHT_JOIN batch_leg l ON l.account_id = a.account_id
  WHERE a.legs_count = 1;

  SELECT COUNT(*) INTO v_shared FROM batch_account WHERE legs_count > 1;
  IF v_shared > 0 THEN
    INSERT INTO batch_entry (account_id, account_seq, is_entry, seq, leg, amount_minor, balance_after_minor, available_after_minor)
    SELECT l.account_id,
      a.last_account_seq + SUM(l.amount_minor <> 0) OVER (PARTITION BY l.account_id ORDER BY l.seq ROWS UNBOUNDED PRECEDING),
      l.amount_minor <> 0, l.seq, l.leg, l.amount_minor,
      a.balance_minor + SUM(l.amount_minor) OVER (PARTITION BY l.account_id ORDER BY l.seq ROWS UNBOUNDED PRECEDING),
      a.balance_minor - a.held_minor + a.overdraft_limit_minor
        + SUM(l.amount_minor - l.held_delta_minor) OVER (PARTITION BY l.account_id ORDER BY l.seq ROWS UNBOUNDED PRECEDING)
    FROM batch_account a STRAIGHT_JOIN batch_leg l ON l.account_id = a.account_id
    WHERE a.legs_count > 1;
  END IF;
END//
DELIMITER ;
