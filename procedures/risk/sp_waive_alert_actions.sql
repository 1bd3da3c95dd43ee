-- sp_waive_alert_actions(): what pending alerts call for is not done, now or later: the bank wanted to be told alone (RISK_ACTIONS=off)
-- when they were raised. They stay in the queue. Returns one row: waived.
-- Example: CALL sp_waive_alert_actions();
DELIMITER //
CREATE PROCEDURE sp_waive_alert_actions()
SQL SECURITY DEFINER
BEGIN
  DECLARE v_waived INT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  UPDATE alerts SET actions_state = 'none', is_acting = FALSE WHERE actions_state = 'pending';
  SET v_waived = ROW_COUNT();
  COMMIT;
  SELECT v_waived AS waived;
END//
DELIMITER ;
