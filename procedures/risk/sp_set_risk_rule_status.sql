-- sp_set_risk_rule_status(p_rule_id, p_expected_revision, p_status, p_reason): draft, then shadow, active and disabled in any order; never
-- back to draft. The same status again changes nothing. p_expected_revision NULL: whatever it is.
--
-- A version in shadow beside the one in force rests while the rule is not active.
-- Errors (45000): RULE_NOT_FOUND, RULE_CHANGED, RULE_PROTECTED, RULE_STATUS_NOT_ALLOWED.
-- Example: CALL sp_set_risk_rule_status(5, NULL, 'shadow', 'A week of looking first');
DELIMITER //
CREATE PROCEDURE sp_set_risk_rule_status(IN p_rule_id INT UNSIGNED, IN p_expected_revision INT UNSIGNED,
  IN p_status VARCHAR(8) CHARACTER SET ascii, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_is_protected BOOLEAN;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  CALL sp_lock_risk_rule(p_rule_id, p_expected_revision, v_status, v_is_protected);
  IF v_is_protected AND p_status <> v_status THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_PROTECTED';
  END IF;
  IF p_status = 'draft' AND v_status <> 'draft' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_STATUS_NOT_ALLOWED';
  END IF;
  IF p_status <> v_status THEN
    UPDATE risk_rules SET status = p_status, revision = revision + 1 WHERE rule_id = p_rule_id;
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('risk_rules', p_rule_id, 'UPDATE', JSON_OBJECT('status', v_status), JSON_OBJECT('status', p_status, 'reason', p_reason),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
  COMMIT;
END//
DELIMITER ;
