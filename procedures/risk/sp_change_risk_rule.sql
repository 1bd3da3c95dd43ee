-- sp_change_risk_rule(p_rule_id, p_expected_revision, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason): a new
-- version of a rule, in force at once where the rule is. Returns one row: version.
--
-- p_expected_revision is the revision that the caller has seen: two people cannot overwrite each other unawares. Versions are
-- never changed; everything is audited.
-- Errors (45000): RULE_NOT_FOUND, RULE_PROTECTED, RULE_CHANGED.
-- Example: CALL sp_change_risk_rule(5, 1, '{"fact":"amount_usd","op":"gte","value":30000}', 0.6, 'score', NULL, 'Fraud team',
--   'Too many alerts');
DELIMITER //
CREATE PROCEDURE sp_change_risk_rule(IN p_rule_id INT UNSIGNED, IN p_expected_revision INT UNSIGNED, IN p_condition JSON,
  IN p_floor DECIMAL(5,4), IN p_action VARCHAR(8) CHARACTER SET ascii, IN p_reason_template VARCHAR(200) CHARACTER SET utf8mb4,
  IN p_owner VARCHAR(64) CHARACTER SET utf8mb4, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_version INT UNSIGNED DEFAULT NULL;
  DECLARE v_revision INT UNSIGNED;
  DECLARE v_is_protected BOOLEAN;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules';
  SELECT current_version, revision, is_protected INTO v_version, v_revision, v_is_protected
  FROM risk_rules WHERE rule_id = p_rule_id FOR UPDATE;
  IF v_version IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NOT_FOUND';
  END IF;
  IF v_is_protected THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_PROTECTED';
  END IF;
  IF NOT (p_expected_revision <=> v_revision) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_CHANGED';
  END IF;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  SELECT 'risk_rules', p_rule_id, 'UPDATE',
    JSON_OBJECT('version', version, 'condition', JSON_EXTRACT(condition_tree, '$'), 'floor', risk_floor, 'action', action,
      'owner', owner),
    JSON_OBJECT('version', v_version + 1, 'condition', JSON_EXTRACT(p_condition, '$'), 'floor', p_floor, 'action', p_action,
      'owner', p_owner, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id
  FROM risk_rule_versions WHERE rule_id = p_rule_id AND version = v_version;
  INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason, created_by)
  VALUES (p_rule_id, v_version + 1, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason, @florin_actor_user_id);
  UPDATE risk_rules SET current_version = v_version + 1, revision = revision + 1 WHERE rule_id = p_rule_id;
  COMMIT;
  SELECT v_version + 1 AS version;
END//
DELIMITER ;
