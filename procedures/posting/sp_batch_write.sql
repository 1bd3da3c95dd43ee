-- sp_batch_write(...): step 8 of sp_post_batch. Writes what was accepted, and the keys of what was accepted or declined.
--
-- Ids are given by AUTO_INCREMENT and read back by the batch number, because an INSERT … SELECT does not promise consecutive
-- ids under innodb_autoinc_lock_mode 2. Under READ COMMITTED the read back sees only this batch's own uncommitted rows.
DELIMITER //
CREATE PROCEDURE sp_batch_write(IN p_accepted INT, IN p_posted INT, IN p_has_holds INT,
  IN p_has_reversals INT, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_batch_id, v_first_id BIGINT UNSIGNED;

  DELETE FROM batch_note;

  IF p_accepted > 0 THEN
    INSERT INTO outbox (transaction_count, created_at) VALUES (p_posted, p_posted_at);
    SET v_batch_id = LAST_INSERT_ID();
    IF p_posted > 0 THEN
      -- -1 tells trg_transactions_high_value that the amount was compared here.
      INSERT INTO transactions (reference_id, batch_id, batch_seq, type, currency, amount_minor, is_high_value, description,
        channel, merchant_id, card_id, hold_id, initiated_by, effective_at, posted_at)
      SELECT CONCAT('FL', LPAD(CONV(v_batch_id, 10, 36), 11, '0'), LPAD(CONV(i.seq, 10, 36), 3, '0')), v_batch_id, i.seq, i.type, i.currency, i.amount_minor,
        IF(i.amount_minor > c.high_value_minor, 1, -1), i.description, i.channel, i.merchant_id, i.card_id, i.hold_id,
        i.actor_user_id, COALESCE(i.effective_at, p_posted_at), p_posted_at
      FROM batch_item i FORCE INDEX (PRIMARY) LEFT JOIN currencies c ON c.currency = i.currency
      WHERE i.code = 'OK' AND i.is_replayed = 0 AND i.type NOT IN ('hold', 'void', 'expire') AND i.seq > 0
      ORDER BY i.seq;
      SET v_first_id = LAST_INSERT_ID();
      INSERT INTO batch_note (seq, number_1, code)
      SELECT batch_seq, transaction_id, reference_id
      FROM transactions FORCE INDEX (PRIMARY) WHERE transaction_id >= v_first_id AND batch_id = v_batch_id;
      UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq SET i.transaction_id = n.number_1;
      UPDATE outbox
      SET first_transaction_id = v_first_id, last_transaction_id = (SELECT MAX(number_1) FROM batch_note)
      WHERE batch_id = v_batch_id;
    END IF;

    CALL sp_batch_entries();
    IF p_posted > 0 THEN
      INSERT INTO ledger_entries (transaction_id, leg, account_id, account_seq, amount_minor, balance_after_minor,
        available_after_minor, effective_at, posted_at)
      SELECT i.transaction_id, e.leg, e.account_id, e.account_seq, e.amount_minor, e.balance_after_minor,
        e.available_after_minor, COALESCE(i.effective_at, p_posted_at), p_posted_at
      FROM batch_item i STRAIGHT_JOIN batch_entry e ON e.seq = i.seq WHERE e.is_entry = 1;
    END IF;
    UPDATE batch_account t STRAIGHT_JOIN accounts a ON a.account_id = t.account_id
    SET a.balance_minor = a.balance_minor + t.amount_minor, a.held_minor = a.held_minor + t.held_delta_minor,
        a.last_account_seq = a.last_account_seq + t.entries_count, a.version = a.version + 1
    WHERE t.legs_count > 0;

    IF p_has_holds > 0 THEN
      CALL sp_batch_write_holds(v_batch_id, p_posted_at);
    END IF;
    IF p_has_reversals > 0 THEN
      INSERT INTO reversals (original_transaction_id, reversal_transaction_id, created_at)
      SELECT original_transaction_id, transaction_id, p_posted_at
      FROM batch_item WHERE code = 'OK' AND is_replayed = 0 AND type = 'reversal';
    END IF;
  END IF;

  INSERT INTO idempotency_keys (idempotency_key, request_hash, code, transaction_id, hold_id, created_at)
  SELECT idempotency_key, request_hash, code, transaction_id, IF(code = 'OK', hold_id, NULL), p_posted_at
  FROM batch_item
  WHERE is_replayed = 0 AND idempotency_key IS NOT NULL
  ORDER BY idempotency_key;
END//
DELIMITER ;
