-- sp_batch_lock(OUT p_has_odd, OUT p_has_risky, OUT p_has_limited): step 3 of sp_post_batch. Locks every account involved, in ascending id order,
-- and copies what the decision and the writing need into batch_account, with the sum of what the batch asks of the account.
--
-- The range scan over the B-tree ix_account drives the join, which is what makes the order of locking ascending, and groups
-- without sorting.
-- p_has_odd: some account is missing, not active, blocked, of another currency, or not the owner's: sp_batch_check looks closer.
-- p_has_risky: some customer's opening funds do not cover everything that this batch asks of the account: only then can an
-- item be declined for lack of funds, and only items that touch such an account are decided one by one.
-- p_has_limited: some account is of a class with limits: sp_batch_limits looks closer. 32768 are customers with limits of their own.
DELIMITER //
CREATE PROCEDURE sp_batch_lock(OUT p_has_odd INT, OUT p_has_risky INT, OUT p_has_limited INT)
SQL SECURITY DEFINER
BEGIN
  -- MIN of what is the same in a whole group: MariaDB does not see that an account's columns follow from its id.
  INSERT INTO batch_account (account_id, user_id, currency, status, balance_minor, held_minor, overdraft_limit_minor,
    available_minor, last_account_seq, limit_class, is_odd, is_risky, legs_count, entries_count, amount_minor, held_delta_minor)
  SELECT l.account_id, MIN(a.user_id), MIN(a.currency), MIN(a.status), MIN(a.balance_minor), MIN(a.held_minor),
    MIN(a.overdraft_limit_minor), MIN(a.balance_minor - a.held_minor + a.overdraft_limit_minor), MIN(a.last_account_seq),
    MIN(a.limit_class),
    MAX(a.status <> 'active' OR a.debit_block IS NOT NULL OR a.currency <> l.currency OR (l.is_customer_side = 1 AND a.user_id IS NULL)
      OR (l.owner_user_id IS NOT NULL AND NOT a.user_id <=> l.owner_user_id)),
    MIN(a.user_id) IS NOT NULL AND MIN(a.balance_minor - a.held_minor + a.overdraft_limit_minor)
      < SUM(GREATEST(l.held_delta_minor - l.amount_minor, 0)),
    COUNT(*), SUM(l.amount_minor <> 0), SUM(l.amount_minor), SUM(l.held_delta_minor)
  FROM batch_leg l FORCE INDEX (ix_account) STRAIGHT_JOIN accounts a FORCE INDEX (PRIMARY) ON a.account_id = l.account_id
  WHERE l.account_id > 0
  GROUP BY l.account_id
  FOR UPDATE;

  -- A leg that found no account is missing from the counts.
  SELECT (SELECT COUNT(*) FROM batch_leg) - COALESCE(SUM(legs_count), 0) + COALESCE(SUM(is_odd), 0), COALESCE(SUM(is_risky), 0),
    BIT_OR(limit_class) & (SELECT BIT_OR(class_bit) | 32768 FROM customer_limits
      WHERE class_bit > 0 AND (per_transaction_usd_cents IS NOT NULL OR per_day_usd_cents IS NOT NULL OR per_counterparty_usd_cents IS NOT NULL))
  INTO p_has_odd, p_has_risky, p_has_limited
  FROM batch_account;
END//
DELIMITER ;
