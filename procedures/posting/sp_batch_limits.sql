-- sp_batch_limits(p_posted_at, OUT p_is_counted, OUT p_is_tight): step 4 of sp_post_batch, only where an account of the batch is of a
-- class with limits. Gathers the items that limits are for, locks what their customers have used today, and compares.
--
-- Limits are for what a customer himself sends (the item has an owner): withdrawals, payments, transfers to others, and holds, which
-- count when the money is set aside and not again when it is captured. Amounts count by their worth in ten-thousandths of a US
-- dollar, rounded up, over all accounts of the customer; the day is that of p_posted_at, in UTC. A counterparty is the customer who
-- receives, whichever account of his, or the merchant.
--
-- The row of limit_usage without a party is the lock that all batches with money of a customer share, whatever his accounts; they are
-- taken after the accounts, in ascending order. A batch that began before midnight and had the lock after one of the next day counts
-- to that next day.
--
-- p_is_counted: something here counts to a limit a day. p_is_tight: the items of some customer could pass a limit together, so
-- sp_batch_decide looks at them one by one; all others are within their limits whatever else is declined.
DELIMITER //
CREATE PROCEDURE sp_batch_limits(IN p_posted_at DATETIME(6), OUT p_is_counted INT, OUT p_is_tight INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_day DATE DEFAULT DATE(p_posted_at);

  SET p_is_counted = 0, p_is_tight = 0;
  DELETE FROM batch_limit;
  DELETE FROM batch_limit_user;
  DELETE FROM batch_limit_party;
  -- Whose an account is never changes, so the receiver's is read without asking for the work table a second time.
  INSERT INTO batch_limit (seq, user_id, limit_class, party_kind, party_id, worth, minor_per_dollar)
  SELECT i.seq, a.user_id, a.limit_class, IF(i.type = 'transfer', 'user', IF(i.merchant_id IS NULL, '', 'merchant')),
    COALESCE(IF(i.type = 'transfer', r.user_id, i.merchant_id), 0),
    CEILING(i.amount_minor * 10000 / (c.minor_per_major * c.units_per_dollar)), c.minor_per_major * c.units_per_dollar
  FROM batch_item i
  STRAIGHT_JOIN batch_account a ON a.account_id = i.debit_account_id
  STRAIGHT_JOIN currencies c ON c.currency = i.currency
  LEFT JOIN accounts r ON r.account_id = IF(i.type = 'transfer', i.credit_account_id, NULL)
  WHERE i.code = '' AND i.owner_user_id IS NOT NULL AND a.user_id = i.owner_user_id AND a.limit_class > 0
    AND (i.type IN ('withdrawal', 'payment') OR (i.type = 'transfer' AND NOT r.user_id <=> i.owner_user_id)
      OR (i.type = 'hold' AND NOT i.channel <=> 'risk'));
  IF ROW_COUNT() > 0 THEN
    INSERT INTO batch_limit_user (user_id, per_transaction, per_day, per_counterparty, used, asked, largest)
    SELECT l.user_id, MIN(COALESCE(c.per_transaction_usd_cents, o.per_transaction_usd_cents)) * 100,
      MIN(COALESCE(c.per_day_usd_cents, o.per_day_usd_cents)) * 100,
      MIN(COALESCE(c.per_counterparty_usd_cents, o.per_counterparty_usd_cents)) * 100,
      0, LEAST(SUM(l.worth), 4000000000000000000), MAX(l.worth)
    FROM batch_limit l
    LEFT JOIN customer_limits c ON c.class_bit = l.limit_class
    LEFT JOIN customer_limits o ON o.user_id = IF(l.limit_class = 32768, l.user_id, NULL)
    GROUP BY l.user_id;
    SELECT COALESCE(SUM(per_day IS NOT NULL OR per_counterparty IS NOT NULL), 0),
      COALESCE(SUM(largest > per_transaction), 0) INTO p_is_counted, p_is_tight
    FROM batch_limit_user;
  END IF;

  IF p_is_counted > 0 THEN
    INSERT INTO limit_usage (user_id, party_kind, party_id, usage_day, used_worth)
    SELECT user_id, '', 0, v_day, 0 FROM batch_limit_user
    WHERE per_day IS NOT NULL OR per_counterparty IS NOT NULL ORDER BY user_id
    ON DUPLICATE KEY UPDATE used_worth = limit_usage.used_worth;
    UPDATE batch_limit_user b
    STRAIGHT_JOIN limit_usage u ON u.user_id = b.user_id AND u.party_kind = '' AND u.party_id = 0
    SET b.used = IF(u.usage_day >= v_day, u.used_worth, 0);
    INSERT INTO batch_limit_party (user_id, party_kind, party_id, used, asked)
    SELECT l.user_id, l.party_kind, l.party_id, 0, LEAST(SUM(l.worth), 4000000000000000000)
    FROM batch_limit l STRAIGHT_JOIN batch_limit_user b ON b.user_id = l.user_id
    WHERE l.party_kind <> '' AND b.per_counterparty IS NOT NULL
    GROUP BY l.user_id, l.party_kind, l.party_id;
    UPDATE batch_limit_party p
    STRAIGHT_JOIN limit_usage u ON u.user_id = p.user_id AND u.party_kind = p.party_kind AND u.party_id = p.party_id
    SET p.used = IF(u.usage_day >= v_day, u.used_worth, 0);
  END IF;

  UPDATE batch_limit_user b LEFT JOIN (
    SELECT user_id, MAX(used + asked) AS asked FROM batch_limit_party GROUP BY user_id
  ) p ON p.user_id = b.user_id
  SET b.is_tight = 1
  WHERE b.largest > b.per_transaction OR b.used + b.asked > b.per_day OR p.asked > b.per_counterparty;
  SELECT COALESCE(SUM(is_tight), 0) INTO p_is_tight FROM batch_limit_user;
END//
DELIMITER ;
