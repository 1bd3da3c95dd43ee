-- sp_add_risk_list_entry(p_list, p_subject_type, p_subject_value, p_rule_id, p_reason, p_expires_at): puts a subject on the block-list or
-- allow-list, or snoozes a rule for it. Returns one row: list_entry_id. NULL rule: all rules. NULL expiry: until it is removed.
--
-- Accounts, users, merchants and cards must exist, and accounts be customers': to block an account of the bank would stop the bank.
-- An entry whose time is over makes room for a new one of its list; those of other lists stay, because an expired block is what tells a
-- posting that the mark on the account means nothing any more. A block of an account or a user marks the accounts (accounts.debit_block), and
-- one of a merchant or a card raises the revision "parties": whatever sp_post_batch commits after this call has seen it.
-- Nobody allows or snoozes for themselves.
-- Errors (45000): SUBJECT_NOT_FOUND, OWN_AFFAIR, RULE_NOT_FOUND, LIST_ENTRY_EXISTS.
-- Example: CALL sp_add_risk_list_entry('snooze', 'user', '5', 3, 'Sells a house this week', '2026-02-01 00:00:00');
DELIMITER //
CREATE PROCEDURE sp_add_risk_list_entry(IN p_list VARCHAR(8) CHARACTER SET ascii, IN p_subject_type VARCHAR(8) CHARACTER SET ascii,
  IN p_subject_value VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, IN p_rule_id INT UNSIGNED,
  IN p_reason VARCHAR(255) CHARACTER SET utf8mb4, IN p_expires_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_entry_id BIGINT UNSIGNED;
  DECLARE v_found INT DEFAULT 1;
  DECLARE v_subject_id BIGINT UNSIGNED DEFAULT NULL;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  -- The one lock that all changes of the lists share, so that no subject gets the same entry twice.
  UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'lists';
  IF p_subject_type IN ('account', 'user', 'merchant', 'card') THEN
    SET v_subject_id = CAST(p_subject_value AS UNSIGNED);
    SELECT CASE p_subject_type
      WHEN 'account' THEN (SELECT COUNT(*) FROM accounts WHERE account_id = v_subject_id AND user_id IS NOT NULL)
      WHEN 'user' THEN (SELECT COUNT(*) FROM users WHERE user_id = v_subject_id)
      WHEN 'merchant' THEN (SELECT COUNT(*) FROM merchants WHERE merchant_id = v_subject_id)
      ELSE (SELECT COUNT(*) FROM cards WHERE card_id = v_subject_id) END INTO v_found;
  END IF;
  IF v_found = 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'SUBJECT_NOT_FOUND';
  END IF;
  IF p_list <> 'block' THEN
    CALL sp_refuse_own_subject(p_subject_type, v_subject_id);
  END IF;
  IF p_rule_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM risk_rules WHERE rule_id = p_rule_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NOT_FOUND';
  END IF;
  UPDATE risk_list_entries SET removed_at = expires_at
  WHERE list = p_list AND subject_type = p_subject_type AND subject_value = p_subject_value AND removed_at IS NULL
    AND expires_at <= UTC_TIMESTAMP(6);
  IF EXISTS (SELECT 1 FROM risk_list_entries WHERE subject_type = p_subject_type AND subject_value = p_subject_value
      AND list = p_list AND removed_at IS NULL AND rule_id <=> p_rule_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'LIST_ENTRY_EXISTS';
  END IF;
  INSERT INTO risk_list_entries (list, subject_type, subject_value, rule_id, reason, created_by, created_at, expires_at)
  VALUES (p_list, p_subject_type, p_subject_value, p_rule_id, p_reason, @florin_actor_user_id, UTC_TIMESTAMP(6), p_expires_at);
  SET v_entry_id = LAST_INSERT_ID();
  IF p_list = 'block' THEN
    -- Whoever opens an account for the user holds this lock until the account is there, or waits for the entry.
    SELECT COUNT(*) INTO v_found FROM users WHERE p_subject_type = 'user' AND user_id = v_subject_id LOCK IN SHARE MODE;
    CALL sp_mark_blocked(p_subject_type, v_subject_id);
  END IF;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('risk_list_entries', v_entry_id, 'INSERT', NULL,
    JSON_OBJECT('list', p_list, 'subject_type', p_subject_type, 'subject_value', p_subject_value, 'rule_id', p_rule_id,
      'reason', p_reason, 'expires_at', p_expires_at),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
  SELECT v_entry_id AS list_entry_id;
END//
DELIMITER ;
