-- sp_batch_decide(p_is_tight, p_posted_at): step 6 of sp_post_batch. Decides, one by one and in order, the items that could be declined for
-- lack of funds, by a customer's limits, or because two items want the same hold or the same reversal.
--
-- All others are accepted as a set, with exactly the result of posting one after another: an account whose opening funds
-- cover every debit asked of it can never cause a decline, whatever the order. available_minor of batch_account runs along
-- for the risky accounts. When an item of a linked request fails, what its fellows took is given back.
DELIMITER //
CREATE PROCEDURE sp_batch_decide(IN p_is_tight INT, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_done, v_short TINYINT DEFAULT 0;
  DECLARE v_seq, v_request_no, v_linked, v_short_of INT UNSIGNED;
  DECLARE v_type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin;
  DECLARE v_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin;
  DECLARE v_hold_id, v_original_id BIGINT UNSIGNED;
  DECLARE v_amount BIGINT;
  DECLARE c_item CURSOR FOR
    SELECT seq, request_no, is_linked, type, hold_id, original_transaction_id, amount_minor
    FROM batch_item WHERE code = '' AND is_careful = 1 ORDER BY seq;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = 1;

  UPDATE batch_item SET is_careful = 1 WHERE code = '' AND type IN ('capture', 'void', 'expire', 'reversal');
  UPDATE batch_item i
  JOIN batch_leg l ON l.seq = i.seq
  JOIN batch_account a ON a.account_id = l.account_id
  SET i.is_careful = 1
  WHERE i.code = '' AND a.is_risky = 1;
  IF p_is_tight > 0 THEN
    UPDATE batch_item i JOIN batch_limit l ON l.seq = i.seq JOIN batch_limit_user u ON u.user_id = l.user_id
    SET i.is_careful = 1
    WHERE i.code = '' AND u.is_tight = 1;
  END IF;

  OPEN c_item;
  decide: LOOP
    FETCH c_item INTO v_seq, v_request_no, v_linked, v_type, v_hold_id, v_original_id, v_amount;
    IF v_done THEN
      LEAVE decide;
    END IF;
    -- The cursor may have been filled before a fellow of a linked request failed.
    SELECT code INTO v_code FROM batch_item WHERE seq = v_seq;
    IF v_code <> '' THEN
      ITERATE decide;
    END IF;

    IF v_type IN ('capture', 'void', 'expire') THEN
      SELECT CASE
        WHEN status <> 'active' OR taken_by IS NOT NULL OR (v_type = 'capture' AND expires_at <= p_posted_at) THEN 'HOLD_NOT_ACTIVE'
        WHEN v_type = 'expire' AND expires_at > p_posted_at THEN 'HOLD_NOT_EXPIRED'
        WHEN v_amount > amount_minor THEN 'CAPTURE_EXCEEDS_HOLD'
        ELSE '' END
      INTO v_code FROM batch_hold WHERE hold_id = v_hold_id;
    ELSEIF v_type = 'reversal' THEN
      SELECT IF(is_reversed = 1 OR taken_by IS NOT NULL, 'ALREADY_REVERSED', '')
      INTO v_code FROM batch_original WHERE transaction_id = v_original_id;
    END IF;
    IF v_code = '' AND p_is_tight > 0 THEN
      CALL sp_batch_limits_check(v_seq, v_code);
    END IF;
    IF v_code = '' THEN
      SELECT COUNT(*) INTO v_short
      FROM batch_leg l JOIN batch_account a ON a.account_id = l.account_id
      WHERE l.seq = v_seq AND a.is_risky = 1 AND l.amount_minor - l.held_delta_minor < 0
        AND a.available_minor + l.amount_minor - l.held_delta_minor < 0;
      IF v_short > 0 THEN
        SET v_code = 'INSUFFICIENT_FUNDS';
      END IF;
    END IF;

    IF v_code = '' THEN
      UPDATE batch_item SET code = 'OK' WHERE seq = v_seq;
      UPDATE batch_leg l JOIN batch_account a ON a.account_id = l.account_id
      SET a.available_minor = a.available_minor + l.amount_minor - l.held_delta_minor
      WHERE l.seq = v_seq AND a.is_risky = 1;
      IF p_is_tight > 0 THEN
        CALL sp_batch_limits_take(v_seq, NULL);
      END IF;
      IF v_type IN ('capture', 'void', 'expire') THEN
        UPDATE batch_hold SET taken_by = v_seq WHERE hold_id = v_hold_id;
      ELSEIF v_type = 'reversal' THEN
        UPDATE batch_original SET taken_by = v_seq WHERE transaction_id = v_original_id;
      END IF;
    ELSE
      UPDATE batch_item SET code = v_code WHERE seq = v_seq;
      IF v_linked = 1 THEN
        IF p_is_tight > 0 THEN
          CALL sp_batch_limits_take(NULL, v_request_no);
        END IF;
        CALL sp_batch_give_back(v_request_no, v_code);
      END IF;
    END IF;
  END LOOP;
  CLOSE c_item;
END//
DELIMITER ;
