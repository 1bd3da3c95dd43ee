-- sp_end_rule_shadow(p_rule_id, p_expected_revision, p_is_published, p_reason): ends the shadow of a rule's version: it is published, and
-- judges in place of the version in force; or it is dropped, and stays to be read. Everything is audited.
--
-- Errors (45000): RULE_NOT_FOUND, RULE_CHANGED, RULE_HAS_NO_SHADOW, RULE_NOT_ACTIVE (published, where the rule is not in force).
-- Example: CALL sp_end_rule_shadow(5, 2, TRUE, 'Flags half as many, all of them fraud');
DELIMITER //
CREATE PROCEDURE sp_end_rule_shadow(IN p_rule_id INT UNSIGNED, IN p_expected_revision INT UNSIGNED, IN p_is_published BOOLEAN,
  IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_is_protected BOOLEAN;
  DECLARE v_current, v_shadow INT UNSIGNED;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  CALL sp_lock_risk_rule(p_rule_id, p_expected_revision, v_status, v_is_protected);
  SELECT current_version, shadow_version INTO v_current, v_shadow FROM risk_rules WHERE rule_id = p_rule_id;
  IF v_shadow IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_HAS_NO_SHADOW';
  END IF;
  IF p_is_published AND v_status <> 'active' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NOT_ACTIVE';
  END IF;
  UPDATE risk_rules
  SET current_version = IF(p_is_published, shadow_version, current_version), shadow_version = NULL, revision = revision + 1
  WHERE rule_id = p_rule_id;
  -- + 0, because one engine would write variables into JSON as texts.
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('risk_rules', p_rule_id, 'UPDATE', JSON_OBJECT('version', v_current + 0, 'shadow_version', v_shadow + 0),
    JSON_OBJECT('version', IF(p_is_published, v_shadow, v_current) + 0, 'shadow_version', NULL, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
