-- sp_change_risk_rule(p_rule_id, p_expected_revision, p_is_shadow, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason): a
-- new version of a rule, in force at once where the rule is; or, with p_is_shadow, one that runs in shadow beside the version in
-- force, in place of another one that does. Returns one row: version.
--
-- Versions are never changed, and no number is given twice; everything is audited.
-- Errors (45000): RULE_NOT_FOUND, RULE_CHANGED, RULE_PROTECTED, RULE_NOT_ACTIVE (a shadow of a rule that is not in force).
-- Example: CALL sp_change_risk_rule(5, 1, FALSE, '{"fact":"amount_usd","op":"gte","value":30000}', 0.6, 'score', NULL, 'Fraud team',
--   'Too many alerts');
DELIMITER //
CREATE PROCEDURE sp_change_risk_rule(IN p_rule_id INT UNSIGNED, IN p_expected_revision INT UNSIGNED, IN p_is_shadow BOOLEAN,
  IN p_condition JSON, IN p_floor DECIMAL(5,4), IN p_action VARCHAR(8) CHARACTER SET ascii,
  IN p_reason_template VARCHAR(200) CHARACTER SET utf8mb4, IN p_owner VARCHAR(64) CHARACTER SET utf8mb4,
  IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_is_protected BOOLEAN;
  DECLARE v_version INT UNSIGNED;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  CALL sp_lock_risk_rule(p_rule_id, p_expected_revision, v_status, v_is_protected);
  IF v_is_protected THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_PROTECTED';
  END IF;
  IF p_is_shadow AND v_status <> 'active' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NOT_ACTIVE';
  END IF;
  SELECT MAX(version) + 1 INTO v_version FROM risk_rule_versions WHERE rule_id = p_rule_id;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  SELECT 'risk_rules', p_rule_id, 'UPDATE',
    JSON_OBJECT('version', v.version, 'shadow_version', r.shadow_version, 'condition', JSON_EXTRACT(v.condition_tree, '$'),
      'floor', v.risk_floor, 'action', v.action, 'owner', v.owner),
    JSON_OBJECT('version', IF(p_is_shadow, v.version, v_version), 'shadow_version', IF(p_is_shadow, v_version, r.shadow_version),
      'condition', JSON_EXTRACT(p_condition, '$'), 'floor', p_floor, 'action', p_action, 'owner', p_owner, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id
  FROM risk_rules r JOIN risk_rule_versions v ON v.rule_id = r.rule_id AND v.version = r.current_version
  WHERE r.rule_id = p_rule_id;
  INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason, created_by)
  VALUES (p_rule_id, v_version, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason, @florin_actor_user_id);
  UPDATE risk_rules
  SET current_version = IF(p_is_shadow, current_version, v_version), shadow_version = IF(p_is_shadow, v_version, shadow_version),
    revision = revision + 1
  WHERE rule_id = p_rule_id;
  COMMIT;
  SELECT v_version AS version;
END//
DELIMITER ;
