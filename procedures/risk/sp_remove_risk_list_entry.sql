-- sp_remove_risk_list_entry(p_entry_id, p_reason): ends an entry of the block-list, the allow-list or a snooze. It stays to be read.
-- An entry that was removed before stays as it was; one whose time is over can still be removed.
--
-- Nobody ends a block of themselves.
-- Errors (45000): LIST_ENTRY_NOT_FOUND, OWN_AFFAIR.
-- Example: CALL sp_remove_risk_list_entry(12, 'Found to be somebody else');
DELIMITER //
CREATE PROCEDURE sp_remove_risk_list_entry(IN p_entry_id BIGINT UNSIGNED, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_found INT;
  DECLARE v_list, v_subject_type VARCHAR(8) CHARACTER SET ascii;
  DECLARE v_subject_value VARCHAR(200) CHARACTER SET utf8mb4;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'lists';
  SELECT COUNT(*), MAX(list), MAX(subject_type), MAX(subject_value) INTO v_found, v_list, v_subject_type, v_subject_value
  FROM risk_list_entries WHERE list_entry_id = p_entry_id;
  IF v_found = 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'LIST_ENTRY_NOT_FOUND';
  END IF;
  IF v_list = 'block' AND v_subject_type IN ('account', 'user', 'card') THEN
    CALL sp_refuse_own_subject(v_subject_type, CAST(v_subject_value AS UNSIGNED));
  END IF;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  SELECT 'risk_list_entries', list_entry_id, 'UPDATE',
    JSON_OBJECT('list', list, 'subject_type', subject_type, 'subject_value', subject_value, 'rule_id', rule_id, 'removed_at', NULL),
    JSON_OBJECT('removed_at', UTC_TIMESTAMP(6), 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id
  FROM risk_list_entries WHERE list_entry_id = p_entry_id AND removed_at IS NULL;
  UPDATE risk_list_entries
  SET removed_at = UTC_TIMESTAMP(6), removed_by = @florin_actor_user_id, removal_reason = p_reason
  WHERE list_entry_id = p_entry_id AND removed_at IS NULL;
  IF v_list = 'block' AND v_subject_type IN ('account', 'user', 'merchant', 'card') THEN
    CALL sp_mark_blocked(v_subject_type, CAST(v_subject_value AS UNSIGNED));
  END IF;
  COMMIT;
END//
DELIMITER ;
