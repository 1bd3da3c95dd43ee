-- sp_waive_alert_actions(): what pending alerts call for is not done, now or later: the bank wanted to be told alone (RISK_ACTIONS=off)
-- when they were raised. They stay in the queue, and their cases say so. Returns one row: waived.
-- Example: CALL sp_waive_alert_actions();
DELIMITER //
CREATE PROCEDURE sp_waive_alert_actions()
SQL SECURITY DEFINER
BEGIN
  DECLARE v_waived INT DEFAULT 0;
  DECLARE v_lock VARCHAR(255);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  IF EXISTS (SELECT 1 FROM alerts WHERE actions_state = 'pending') THEN
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
    INSERT INTO case_events (case_id, alert_id, transaction_id, event, detail, occurred_at)
    SELECT case_id, alert_id, transaction_id, 'not_held', JSON_OBJECT('reason', 'actions are off'), UTC_TIMESTAMP(6)
    FROM alerts WHERE actions_state = 'pending' ORDER BY alert_id;
    UPDATE alerts SET actions_state = 'none', is_acting = FALSE WHERE actions_state = 'pending';
    SET v_waived = ROW_COUNT();
    COMMIT;
  END IF;
  SELECT v_waived AS waived;
END//
DELIMITER ;
