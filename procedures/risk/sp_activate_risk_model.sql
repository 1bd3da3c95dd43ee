-- sp_activate_risk_model(p_model_version, p_reason): this version of the model judges from now on, and the one of its kind that did
-- is retired: the way in for one that has shadowed long enough, and the way back to one that was retired. Workers notice within
-- seconds. The active version again changes nothing.
--
-- Errors (45000): RISK_MODEL_NOT_FOUND, RISK_MODEL_REFUSED.
-- Example: CALL sp_activate_risk_model(3, 'Version 4 finds less');
DELIMITER //
CREATE PROCEDURE sp_activate_risk_model(IN p_model_version INT UNSIGNED, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_kind VARCHAR(32) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_state VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_before INT UNSIGNED;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  -- The lock that changes of models share: two at once would leave two active ones.
  INSERT INTO risk_revisions (kind) VALUES ('models') ON DUPLICATE KEY UPDATE revision = risk_revisions.revision + 1;
  SELECT kind, state INTO v_kind, v_state FROM risk_models WHERE model_version = p_model_version FOR UPDATE;
  IF v_kind IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RISK_MODEL_NOT_FOUND';
  END IF;
  IF v_state = 'refused' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RISK_MODEL_REFUSED';
  END IF;
  IF v_state <> 'active' THEN
    SELECT MAX(model_version) INTO v_before FROM risk_models WHERE kind = v_kind AND state = 'active';
    UPDATE risk_models
    SET state = 'retired', state_reason = LEFT(CONCAT('version ', p_model_version, ' judges'), 255), state_changed_at = UTC_TIMESTAMP(6)
    WHERE kind = v_kind AND state = 'active';
    UPDATE risk_models SET state = 'active', state_reason = p_reason, state_changed_at = UTC_TIMESTAMP(6)
    WHERE model_version = p_model_version;
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('risk_models', p_model_version, 'UPDATE', JSON_OBJECT('state', v_state, 'active_version', v_before),
      JSON_OBJECT('state', 'active', 'active_version', p_model_version, 'reason', p_reason),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
  COMMIT;
END//
DELIMITER ;
