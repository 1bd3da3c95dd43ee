-- sp_settle_alert(p_alert_id, p_recovered_minor, p_recovery_transaction_id, p_recovery_code): ends the consequences of a decision, after
-- its postings: lifts the blocks of its accounts that no other open alert needs, freezes the accounts of a confirmed fraud, and writes
-- down what came back. May be repeated; does nothing to an alert that is not being settled.
--
-- Frozen is the account that the alert is about, and the receiving one when the analyst said so. The audit log names the analyst,
-- also when a worker completes what the API began.
-- Example: CALL sp_settle_alert(7, 0, NULL, NULL);
DELIMITER //
CREATE PROCEDURE sp_settle_alert(IN p_alert_id BIGINT UNSIGNED, IN p_recovered_minor BIGINT,
  IN p_recovery_transaction_id BIGINT UNSIGNED, IN p_recovery_code VARCHAR(32) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_state VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_case_id, v_transaction_id, v_debit, v_credit, v_short, v_analyst, v_caller BIGINT UNSIGNED;
  DECLARE v_freezes_receiver, v_unblocked BOOLEAN DEFAULT FALSE;
  DECLARE v_lock VARCHAR(255);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    SET @florin_actor_user_id = v_caller, @florin_change_reason = NULL;
    RESIGNAL;
  END;

  SET v_caller = @florin_actor_user_id;
  SELECT actions_state, debit_account_id, credit_account_id, short_account_id, is_receiver_frozen, determined_by
  INTO v_state, v_debit, v_credit, v_short, v_freezes_receiver, v_analyst
  FROM alerts WHERE alert_id = p_alert_id;
  SET @florin_actor_user_id = v_analyst, @florin_change_reason = CONCAT('alert ', p_alert_id);
  IF v_state = 'confirming' THEN
    -- Has a transaction of its own; repeated after a crash it finds the account frozen.
    CALL sp_freeze_suspect(COALESCE(v_debit, v_credit));
    IF v_freezes_receiver THEN
      CALL sp_freeze_suspect(v_credit);
    END IF;
  END IF;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  SELECT actions_state, case_id, transaction_id INTO v_state, v_case_id, v_transaction_id
  FROM alerts WHERE alert_id = p_alert_id FOR UPDATE;
  IF v_state IN ('releasing', 'confirming') THEN
    UPDATE accounts SET debit_block = NULL
    WHERE account_id = v_debit AND debit_block = 'review'
      AND NOT EXISTS (SELECT 1 FROM alerts WHERE debit_account_id = v_debit AND is_acting AND is_open)
      AND NOT EXISTS (SELECT 1 FROM alerts WHERE short_account_id = v_debit AND is_acting AND is_open);
    SET v_unblocked = ROW_COUNT() > 0;
    UPDATE accounts SET debit_block = NULL
    WHERE account_id = v_short AND debit_block = 'review'
      AND NOT EXISTS (SELECT 1 FROM alerts WHERE debit_account_id = v_short AND is_acting AND is_open)
      AND NOT EXISTS (SELECT 1 FROM alerts WHERE short_account_id = v_short AND is_acting AND is_open);
    UPDATE alerts
    SET actions_state = 'none', recovered_minor = IF(v_state = 'confirming', p_recovered_minor, NULL),
      recovery_transaction_id = IF(v_state = 'confirming', p_recovery_transaction_id, NULL),
      recovery_code = IF(v_state = 'confirming', p_recovery_code, NULL)
    WHERE alert_id = p_alert_id;
    INSERT INTO case_events (case_id, alert_id, transaction_id, event, actor_user_id, detail, occurred_at)
    VALUES (v_case_id, p_alert_id, v_transaction_id, 'settled', v_analyst,
      JSON_OBJECT('debit_block_lifted', IF(v_unblocked, CAST(v_debit AS CHAR), NULL),
        'frozen_account_id', IF(v_state = 'confirming', CAST(COALESCE(v_debit, v_credit) AS CHAR), NULL),
        'recovered_minor', IF(v_state = 'confirming', CAST(p_recovered_minor AS CHAR), NULL),
        'recovery_transaction_id', IF(v_state = 'confirming', CAST(p_recovery_transaction_id AS CHAR), NULL),
        'recovery_code', IF(v_state = 'confirming', p_recovery_code, NULL)), v_now);
  END IF;
  COMMIT;
  SET @florin_actor_user_id = v_caller, @florin_change_reason = NULL;
END//
DELIMITER ;
