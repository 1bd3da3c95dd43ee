-- sp_batch_check(...): step 5 of sp_post_batch. Everything but funds, set by set, in the documented order of the codes.
--
-- A frozen account still takes what puts things right, and the bank's own holds for a review: it may be unfrozen before the decision.
--
-- Back-dated items take a shared lock on the end of the closed books, so that closing a period waits for them and they for it.
DELIMITER //
CREATE PROCEDURE sp_batch_check(IN p_has_odd INT, IN p_has_dated INT, IN p_has_holds INT, IN p_has_reversals INT,
  IN p_has_linked INT, IN p_has_blocked_party INT, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_closed_until DATETIME(6) DEFAULT NULL;

  IF p_has_odd > 0 THEN
    DELETE FROM batch_note;
    INSERT INTO batch_note (seq, number_1)
    SELECT l.seq, MIN(CASE
      WHEN a.account_id IS NULL OR (l.is_customer_side = 1 AND a.user_id IS NULL)
        OR (l.owner_user_id IS NOT NULL AND NOT (l.owner_user_id <=> a.user_id)) THEN 1
      WHEN a.status = 'closed' THEN 2
      WHEN a.status = 'frozen' AND i.type NOT IN ('reversal', 'journal', 'void', 'expire')
        AND NOT (i.type = 'hold' AND i.owner_user_id IS NULL AND i.channel <=> 'risk') THEN 3
      WHEN a.currency <> l.currency THEN 4
      ELSE 5 END)
    FROM batch_leg l JOIN batch_item i ON i.seq = l.seq LEFT JOIN batch_account a ON a.account_id = l.account_id
    WHERE i.code = ''
    GROUP BY l.seq;
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq
    SET i.code = ELT(n.number_1, 'ACCOUNT_NOT_FOUND', 'ACCOUNT_CLOSED', 'ACCOUNT_FROZEN', 'CURRENCY_MISMATCH')
    WHERE n.number_1 < 5;
  END IF;
  IF p_has_odd > 0 OR p_has_blocked_party > 0 THEN
    CALL sp_batch_block(p_has_blocked_party, p_posted_at);
  END IF;

  IF p_has_dated > 0 THEN
    SELECT CAST(setting_value AS DATETIME(6)) INTO v_closed_until
    FROM bank_settings WHERE setting_key = 'books_closed_until' LOCK IN SHARE MODE;
    UPDATE batch_item
    SET code = IF(effective_at > TIMESTAMPADD(MINUTE, 5, p_posted_at), 'EFFECTIVE_IN_FUTURE', 'PERIOD_CLOSED')
    WHERE code = '' AND effective_at IS NOT NULL
      AND (effective_at > TIMESTAMPADD(MINUTE, 5, p_posted_at) OR effective_at < v_closed_until);
  END IF;

  IF p_has_reversals > 0 THEN
    UPDATE batch_item i JOIN batch_original o ON o.transaction_id = i.original_transaction_id
    SET i.code = 'NOT_REVERSIBLE'
    WHERE i.code = '' AND i.type = 'reversal' AND o.type = 'reversal';
    UPDATE batch_original SET is_reversed = 1
    WHERE transaction_id IN (SELECT original_transaction_id FROM reversals);
  END IF;

  IF p_has_holds > 0 THEN
    CALL sp_batch_lock_holds();
  END IF;
  IF p_has_linked > 0 THEN
    CALL sp_batch_unlink();
  END IF;
END//
DELIMITER ;
