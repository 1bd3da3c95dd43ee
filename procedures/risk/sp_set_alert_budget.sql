-- sp_set_alert_budget(p_review_share, p_block_share, p_reason): how many alerts the bank can look into: the shares of ordinary transactions
-- that the model may find SUSPICIOUS or worse, and CRITICAL. Workers notice within seconds. Returns nothing; what changes is audited.
--
-- Errors (45000): ALERT_BUDGET_INVALID unless 0.00001 <= p_block_share < p_review_share <= 0.2.
-- Example: CALL sp_set_alert_budget(0.02, 0.001, 'Two more analysts');
DELIMITER //
CREATE PROCEDURE sp_set_alert_budget(IN p_review_share DECIMAL(7,6), IN p_block_share DECIMAL(7,6),
  IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_review, v_block VARCHAR(255) DEFAULT NULL;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  IF NOT COALESCE(p_block_share >= 0.00001 AND p_block_share < p_review_share AND p_review_share <= 0.2, FALSE) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ALERT_BUDGET_INVALID';
  END IF;
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  -- The lock that two changes at once share.
  INSERT INTO bank_settings (setting_key, setting_value) VALUES ('alert_review_share', '0.01')
  ON DUPLICATE KEY UPDATE setting_key = VALUES(setting_key);
  SELECT MAX(IF(setting_key = 'alert_review_share', setting_value, NULL)), MAX(IF(setting_key = 'alert_block_share', setting_value, NULL))
  INTO v_review, v_block
  FROM bank_settings WHERE setting_key IN ('alert_review_share', 'alert_block_share');
  INSERT INTO bank_settings (setting_key, setting_value, updated_by)
  VALUES ('alert_review_share', p_review_share, @florin_actor_user_id), ('alert_block_share', p_block_share, @florin_actor_user_id)
  ON DUPLICATE KEY UPDATE setting_value = VALUES(setting_value), updated_by = VALUES(updated_by);
  -- + 0, because one engine would write variables into JSON as texts.
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('bank_settings', NULL, 'UPDATE', JSON_OBJECT('alert_review_share', v_review, 'alert_block_share', v_block),
    JSON_OBJECT('alert_review_share', p_review_share + 0, 'alert_block_share', p_block_share + 0, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
