-- sp_batch_write_holds(p_batch_id, p_posted_at): writes new holds, the new state of captured, voided and expired ones, and an
-- event for each.
DELIMITER //
CREATE PROCEDURE sp_batch_write_holds(IN p_batch_id BIGINT UNSIGNED, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_first_id BIGINT UNSIGNED;

  INSERT INTO holds (reference_id, batch_id, batch_seq, account_id, currency, amount_minor, description, channel, merchant_id,
    card_id, initiated_by, expires_at, created_at)
  SELECT CONCAT('FL', LPAD(CONV(p_batch_id, 10, 36), 11, '0'), LPAD(CONV(seq, 10, 36), 3, '0')), p_batch_id, seq, debit_account_id,
    currency, amount_minor, description, channel, merchant_id, card_id, actor_user_id,
    COALESCE(expires_at, TIMESTAMPADD(DAY, 7, p_posted_at)), p_posted_at
  FROM batch_item WHERE code = 'OK' AND is_replayed = 0 AND type = 'hold' ORDER BY seq;
  IF ROW_COUNT() > 0 THEN
    SET v_first_id = LAST_INSERT_ID();
    INSERT INTO batch_note (seq, number_1, code)
    SELECT batch_seq, hold_id, reference_id
    FROM holds FORCE INDEX (PRIMARY) WHERE hold_id >= v_first_id AND batch_id = p_batch_id;
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq SET i.hold_id = n.number_1 WHERE i.type = 'hold';
  END IF;

  UPDATE batch_item i STRAIGHT_JOIN holds h ON h.hold_id = i.hold_id
  SET h.status = CASE i.type WHEN 'capture' THEN 'captured' WHEN 'void' THEN 'voided' ELSE 'expired' END,
      h.captured_minor = IF(i.type = 'capture', i.amount_minor, 0)
  WHERE i.code = 'OK' AND i.is_replayed = 0 AND i.type IN ('capture', 'void', 'expire');

  INSERT INTO hold_events (hold_id, event, amount_minor, transaction_id, balance_after_minor, available_after_minor, initiated_by,
    occurred_at)
  SELECT i.hold_id, CASE i.type WHEN 'hold' THEN 'created' WHEN 'capture' THEN 'captured' WHEN 'void' THEN 'voided' ELSE 'expired' END,
    i.amount_minor, i.transaction_id, e.balance_after_minor, e.available_after_minor, i.actor_user_id, p_posted_at
  FROM batch_item i JOIN batch_entry e ON e.seq = i.seq AND e.leg = 0
  WHERE i.code = 'OK' AND i.is_replayed = 0 AND i.type IN ('hold', 'capture', 'void', 'expire');
END//
DELIMITER ;
