-- sp_set_four_eyes(p_kinds): which kinds of acts need a second person's approval, separated by commas; empty: none. Until it is called, the
-- API's FOUR_EYES decides.
-- Example: CALL sp_set_four_eyes('role_change,journal,reversal,unfreeze,limit_change,rule_change,four_eyes_change');
DELIMITER //
CREATE PROCEDURE sp_set_four_eyes(IN p_kinds VARCHAR(255) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_old VARCHAR(255);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT MAX(setting_value) INTO v_old FROM bank_settings WHERE setting_key = 'four_eyes' FOR UPDATE;
  INSERT INTO bank_settings (setting_key, setting_value, updated_by) VALUES ('four_eyes', p_kinds, @florin_actor_user_id)
  ON DUPLICATE KEY UPDATE setting_value = p_kinds, updated_by = @florin_actor_user_id;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('bank_settings', NULL, 'UPDATE', JSON_OBJECT('four_eyes', v_old), JSON_OBJECT('four_eyes', p_kinds),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
