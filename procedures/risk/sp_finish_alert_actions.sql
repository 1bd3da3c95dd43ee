-- sp_finish_alert_actions(p_alert_id, p_hold_id, p_code): writes down what became of a pending alert's hold, blocks the sender's
-- account for debits, and ends its actions. Where less is held than the receiving account was credited (spent, or set aside by a hold
-- of the customer's own), that account may not send either. p_hold_id is the hold that was posted, NULL for none; p_code says why there is none.
-- May be repeated: what is done already is not done again. An alert that was decided in between is left to its settlement.
--
-- A block-list's own block of the account stays what it is.
-- Example: CALL sp_finish_alert_actions(7, 31, 'OK');
DELIMITER //
CREATE PROCEDURE sp_finish_alert_actions(IN p_alert_id BIGINT UNSIGNED, IN p_hold_id BIGINT UNSIGNED,
  IN p_code VARCHAR(32) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_state VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_case_id, v_transaction_id, v_debit, v_credit, v_hold_id BIGINT UNSIGNED;
  DECLARE v_held_minor, v_credited_minor BIGINT DEFAULT NULL;
  DECLARE v_is_short BOOLEAN DEFAULT FALSE;
  DECLARE v_lock VARCHAR(255);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    SET @florin_change_reason = NULL;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  SELECT actions_state, case_id, transaction_id, debit_account_id, credit_account_id, hold_id
  INTO v_state, v_case_id, v_transaction_id, v_debit, v_credit, v_hold_id
  FROM alerts WHERE alert_id = p_alert_id FOR UPDATE;

  IF v_state IN ('pending', 'done') AND v_hold_id IS NULL AND (p_hold_id IS NOT NULL OR v_state = 'pending') THEN
    SELECT MAX(amount_minor) INTO v_held_minor FROM holds WHERE hold_id = p_hold_id AND account_id = v_credit;
    UPDATE alerts SET hold_id = IF(v_held_minor IS NULL, NULL, p_hold_id), held_minor = COALESCE(v_held_minor, 0)
    WHERE alert_id = p_alert_id;
    IF v_credit IS NOT NULL AND v_transaction_id IS NOT NULL THEN
      INSERT INTO case_events (case_id, alert_id, transaction_id, event, detail, occurred_at)
      VALUES (v_case_id, p_alert_id, v_transaction_id, IF(v_held_minor IS NULL, 'not_held', 'held'),
        IF(v_held_minor IS NULL, JSON_OBJECT('account_id', CAST(v_credit AS CHAR), 'code', p_code),
          JSON_OBJECT('account_id', CAST(v_credit AS CHAR), 'hold_id', CAST(p_hold_id AS CHAR), 'held_minor', CAST(v_held_minor AS CHAR))),
        v_now);
    END IF;
  END IF;
  IF v_state = 'pending' THEN
    SET @florin_change_reason = CONCAT('alert ', p_alert_id);
    SELECT SUM(amount_minor) INTO v_credited_minor
    FROM ledger_entries WHERE transaction_id = v_transaction_id AND account_id = v_credit AND amount_minor > 0;
    SET v_is_short = COALESCE(v_credited_minor > COALESCE(v_held_minor, 0), FALSE);
    IF v_is_short THEN
      UPDATE accounts SET debit_block = 'review' WHERE account_id = v_credit AND debit_block IS NULL;
      INSERT INTO case_events (case_id, alert_id, transaction_id, event, detail, occurred_at)
      VALUES (v_case_id, p_alert_id, v_transaction_id, 'blocked',
        JSON_OBJECT('account_id', CAST(v_credit AS CHAR), 'short_minor', CAST(v_credited_minor - COALESCE(v_held_minor, 0) AS CHAR)), v_now);
    END IF;
    IF v_debit IS NOT NULL THEN
      UPDATE accounts SET debit_block = 'review' WHERE account_id = v_debit AND debit_block IS NULL;
      INSERT INTO case_events (case_id, alert_id, transaction_id, event, detail, occurred_at)
      VALUES (v_case_id, p_alert_id, v_transaction_id, 'blocked', JSON_OBJECT('account_id', CAST(v_debit AS CHAR)), v_now);
    END IF;
    UPDATE alerts SET actions_state = 'done', short_account_id = IF(v_is_short, v_credit, NULL) WHERE alert_id = p_alert_id;
  END IF;
  COMMIT;
  SET @florin_change_reason = NULL;
  SELECT actions_state, hold_id FROM alerts WHERE alert_id = p_alert_id;
END//
DELIMITER ;
