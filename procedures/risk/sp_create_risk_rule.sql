-- sp_create_risk_rule(p_name, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason): a new rule, as a draft, with its
-- version 1. Returns one row: rule_id.
--
-- The condition was parsed by the caller: here it is only kept. The author is @florin_actor_user_id; everything is audited.
-- Errors (45000): RULE_NAME_TAKEN.
-- Example: CALL sp_create_risk_rule('large', '{"fact":"amount_usd","op":"gte","value":20000}', 0.6, 'score', NULL, 'Fraud team',
--   'Asked for by audit');
DELIMITER //
CREATE PROCEDURE sp_create_risk_rule(IN p_name VARCHAR(64) CHARACTER SET ascii, IN p_condition JSON, IN p_floor DECIMAL(5,4),
  IN p_action VARCHAR(8) CHARACTER SET ascii, IN p_reason_template VARCHAR(200) CHARACTER SET utf8mb4,
  IN p_owner VARCHAR(64) CHARACTER SET utf8mb4, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_rule_id INT UNSIGNED;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules';
  IF EXISTS (SELECT 1 FROM risk_rules WHERE name = p_name) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NAME_TAKEN';
  END IF;
  INSERT INTO risk_rules (name) VALUES (p_name);
  SET v_rule_id = LAST_INSERT_ID();
  INSERT INTO risk_rule_versions (rule_id, version, condition_tree, risk_floor, action, reason_template, owner, reason, created_by)
  VALUES (v_rule_id, 1, p_condition, p_floor, p_action, p_reason_template, p_owner, p_reason, @florin_actor_user_id);
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('risk_rules', v_rule_id, 'INSERT', NULL,
    JSON_OBJECT('name', p_name, 'version', 1, 'status', 'draft', 'condition', JSON_EXTRACT(p_condition, '$'), 'floor', p_floor,
      'action', p_action, 'owner', p_owner, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
  SELECT v_rule_id AS rule_id;
END//
DELIMITER ;
