-- sp_batch_settle(OUT p_accepted, OUT p_posted, OUT p_declined): turns what is undecided into accepted and leaves in batch_leg and
-- batch_account only what the accepted items move.
--
-- An item without a key is neither remembered nor listed among the declined: the same request may be sent again.
-- A batch in which nothing was in doubt does not come here: all its items are accepted and every leg counts.
DELIMITER //
CREATE PROCEDURE sp_batch_settle(OUT p_accepted INT, OUT p_posted INT, OUT p_declined INT)
SQL SECURITY DEFINER
BEGIN
  UPDATE batch_item
  SET idempotency_key = IF(code = '', idempotency_key, NULL), code = IF(code = '', 'OK', code)
  WHERE code IN ('', 'INVALID_ITEM', 'JOURNAL_UNBALANCED', 'IDEMPOTENCY_KEY_REUSED', 'HOLD_NOT_EXPIRED', 'REPEAT')
    AND is_replayed = 0;
  SELECT COALESCE(SUM(code = 'OK'), 0), COALESCE(SUM(code = 'OK' AND type NOT IN ('hold', 'void', 'expire')), 0),
         COALESCE(SUM(code <> 'OK' AND idempotency_key IS NOT NULL), 0)
  INTO p_accepted, p_posted, p_declined
  FROM batch_item WHERE is_replayed = 0;

  DELETE l FROM batch_item i STRAIGHT_JOIN batch_leg l ON l.seq = i.seq WHERE i.code <> 'OK' OR i.is_replayed = 1;
  UPDATE batch_account a LEFT JOIN (
    SELECT account_id, COUNT(*) AS legs_count, SUM(amount_minor <> 0) AS entries_count, SUM(amount_minor) AS amount_minor,
      SUM(held_delta_minor) AS held_delta_minor
    FROM batch_leg GROUP BY account_id
  ) l ON l.account_id = a.account_id
  SET a.legs_count = COALESCE(l.legs_count, 0), a.entries_count = COALESCE(l.entries_count, 0),
      a.amount_minor = COALESCE(l.amount_minor, 0), a.held_delta_minor = COALESCE(l.held_delta_minor, 0);
END//
DELIMITER ;
