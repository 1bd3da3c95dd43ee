-- sp_ask_model_training(p_reason): asks the workers to train a new version of the model now. One of them begins within a minute; the
-- version shadows the active one first. Asked again before that, it is one training. Returns one row: asked_at.
--
-- Errors (45000): RISK_MODEL_TOO_LITTLE_HISTORY below 1,000 posted transactions.
-- Example: CALL sp_ask_model_training('Many labels since yesterday');
DELIMITER //
CREATE PROCEDURE sp_ask_model_training(IN p_reason VARCHAR(200) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  IF (SELECT COUNT(*) FROM (SELECT 1 FROM transactions LIMIT 1000) some_transactions) < 1000 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RISK_MODEL_TOO_LITTLE_HISTORY';
  END IF;
  INSERT INTO worker_state (state_key, state_value)
  VALUES ('model_training_asked', CONCAT(DATE_FORMAT(v_now, '%Y-%m-%d %H:%i:%s.%f'), ' ', p_reason))
  ON DUPLICATE KEY UPDATE state_value = VALUES(state_value), updated_at = v_now;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('risk_models', 0, 'UPDATE', NULL, JSON_OBJECT('training', 'asked', 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
  SELECT v_now AS asked_at;
END//
DELIMITER ;
