-- sp_batch_legs_special(p_batch): step 2 of sp_post_batch for holds, captures, voids, expiries, reversals and journals.
--
-- What is read here without a lock never changes: a hold's account and amount, a posted transaction's entries. A leg with
-- amount 0 moves no money: it only changes what the account holds, and becomes no entry.
DELIMITER //
CREATE PROCEDURE sp_batch_legs_special(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_missing INT DEFAULT 0;

  DELETE FROM batch_hold;
  DELETE FROM batch_original;
  DELETE FROM batch_note;

  -- Holds referred to by captures, voids and expiries. What the bank holds for a review is no hold of the customer's own, and nobody
  -- captures it: the money would leave the bank before anybody decided.
  INSERT INTO batch_hold (hold_id, account_id, currency, amount_minor, status, expires_at, merchant_id, card_id, channel)
  SELECT h.hold_id, h.account_id, h.currency, h.amount_minor, h.status, h.expires_at, h.merchant_id, h.card_id, h.channel
  FROM (SELECT DISTINCT hold_id FROM batch_item WHERE code = '' AND type IN ('capture', 'void', 'expire')) i
  STRAIGHT_JOIN holds h ON h.hold_id = i.hold_id;
  UPDATE batch_item i LEFT JOIN batch_hold h ON h.hold_id = i.hold_id
  SET i.code = IF(h.hold_id IS NULL OR ((i.owner_user_id IS NOT NULL OR i.type = 'capture') AND h.channel <=> 'risk'), 'HOLD_NOT_FOUND', i.code),
      i.currency = h.currency,
      i.amount_minor = IF(i.type = 'capture', COALESCE(i.amount_minor, h.amount_minor), h.amount_minor),
      i.debit_account_id = h.account_id,
      i.merchant_id = COALESCE(i.merchant_id, h.merchant_id),
      i.card_id = COALESCE(i.card_id, h.card_id),
      i.channel = COALESCE(i.channel, h.channel)
  WHERE i.code = '' AND i.type IN ('capture', 'void', 'expire');
  SELECT COUNT(*) INTO v_missing
  FROM batch_hold h LEFT JOIN batch_system s ON s.currency = h.currency AND s.system_code = 'card_settlement'
  WHERE s.account_id IS NULL;
  IF v_missing > 0 THEN
    INSERT IGNORE INTO batch_system (currency, system_code, account_id)
    SELECT a.currency, a.system_code, a.account_id
    FROM (SELECT DISTINCT currency FROM batch_hold) h
    STRAIGHT_JOIN accounts a ON a.currency = h.currency AND a.system_code = 'card_settlement';
  END IF;
  UPDATE batch_item i JOIN batch_system s ON s.currency = i.currency AND s.system_code = 'card_settlement'
  SET i.credit_account_id = s.account_id
  WHERE i.code = '' AND i.type = 'capture';

  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, 0, i.debit_account_id, 0, i.amount_minor, i.currency, i.owner_user_id, 1
  FROM batch_item i WHERE i.code = '' AND i.type = 'hold';
  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, 0, h.account_id, IF(i.type = 'capture', -i.amount_minor, 0), -h.amount_minor, i.currency, i.owner_user_id, 1
  FROM batch_item i JOIN batch_hold h ON h.hold_id = i.hold_id
  WHERE i.code = '' AND i.type IN ('capture', 'void', 'expire');
  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, 1, i.credit_account_id, i.amount_minor, 0, i.currency, NULL, 0
  FROM batch_item i WHERE i.code = '' AND i.type = 'capture';

  -- Reversals: the entries of the original with the sign turned.
  INSERT INTO batch_original (transaction_id, type, currency, amount_minor, merchant_id, card_id)
  SELECT t.transaction_id, t.type, t.currency, t.amount_minor, t.merchant_id, t.card_id
  FROM (SELECT DISTINCT original_transaction_id FROM batch_item WHERE code = '' AND type = 'reversal') i
  STRAIGHT_JOIN transactions t ON t.transaction_id = i.original_transaction_id;
  UPDATE batch_item i LEFT JOIN batch_original o ON o.transaction_id = i.original_transaction_id
  SET i.code = IF(o.transaction_id IS NULL, 'TRANSACTION_NOT_FOUND', i.code),
      i.currency = o.currency,
      i.amount_minor = o.amount_minor,
      i.merchant_id = COALESCE(i.merchant_id, o.merchant_id),
      i.card_id = COALESCE(i.card_id, o.card_id)
  WHERE i.code = '' AND i.type = 'reversal';
  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, e.leg, e.account_id, -e.amount_minor, 0, i.currency, NULL, 0
  FROM batch_item i STRAIGHT_JOIN ledger_entries e ON e.transaction_id = i.original_transaction_id
  WHERE i.code = '' AND i.type = 'reversal';

  -- Journals: their own legs, whose form was judged when they were read.
  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, j.leg - 1, j.account, j.amount, 0, i.currency, i.owner_user_id, 0
  FROM batch_item i JOIN JSON_TABLE(p_batch, '$[*]' COLUMNS (
    seq FOR ORDINALITY,
    NESTED PATH '$.legs[*]' COLUMNS (leg FOR ORDINALITY, account BIGINT UNSIGNED PATH '$.account', amount BIGINT PATH '$.amount')
  )) j ON j.seq = i.seq
  WHERE i.code = '' AND i.type = 'journal';
END//
DELIMITER ;
