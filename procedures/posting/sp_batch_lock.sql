-- sp_batch_lock(OUT p_has_odd, OUT p_has_risky): step 3 of sp_post_batch. Locks every account involved, in ascending id order,
-- and copies what the decision needs into batch_account.
--
-- The range scan over the B-tree of batch_touch drives the join, which is what makes the order of locking ascending.
-- p_has_odd: some account is missing, not active, of another currency, or not the owner's: sp_batch_check looks closer.
-- p_has_risky: some customer's opening funds do not cover everything that this batch asks of the account: only then can an
-- item be declined for lack of funds, and only items that touch such an account are decided one by one.
DELIMITER //
CREATE PROCEDURE sp_batch_lock(OUT p_has_odd INT, OUT p_has_risky INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_touched INT DEFAULT 0;

  INSERT INTO batch_touch (account_id, asked_minor, currency_min, currency_max, owner_min, owner_max, is_customer_side)
  SELECT account_id, SUM(GREATEST(held_delta_minor - amount_minor, 0)), MIN(currency), MAX(currency), MIN(owner_user_id),
         MAX(owner_user_id), MAX(is_customer_side)
  FROM batch_leg GROUP BY account_id;
  SET v_touched = ROW_COUNT();

  INSERT INTO batch_account (account_id, user_id, currency, status, balance_minor, held_minor, overdraft_limit_minor,
    available_minor, last_account_seq, is_odd, is_risky)
  SELECT a.account_id, a.user_id, a.currency, a.status, a.balance_minor, a.held_minor, a.overdraft_limit_minor,
    a.balance_minor - a.held_minor + a.overdraft_limit_minor, a.last_account_seq,
    a.status <> 'active' OR a.currency <> t.currency_min OR a.currency <> t.currency_max
      OR (t.is_customer_side = 1 AND a.user_id IS NULL)
      OR (t.owner_min IS NOT NULL AND NOT (a.user_id <=> t.owner_min AND a.user_id <=> t.owner_max)),
    a.user_id IS NOT NULL AND a.balance_minor - a.held_minor + a.overdraft_limit_minor < t.asked_minor
  FROM batch_touch t FORCE INDEX (PRIMARY) STRAIGHT_JOIN accounts a FORCE INDEX (PRIMARY) ON a.account_id = t.account_id
  WHERE t.account_id > 0
  FOR UPDATE;

  SELECT v_touched - COUNT(*) + COALESCE(SUM(is_odd), 0), COALESCE(SUM(is_risky), 0)
  INTO p_has_odd, p_has_risky
  FROM batch_account;
END//
DELIMITER ;
