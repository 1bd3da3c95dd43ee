-- sp_request_approval(p_kind, p_act, p_payload, p_subject_user_id, p_reason, p_key, p_hash): asks that a second person approves an act.
-- Returns one row: approval_id, is_replayed.
--
-- p_payload is the JSON that will be executed, as it is. p_key and p_hash, 32 hex digits each, are those of a request that moves money:
-- the same key finds the same request again. Who asks is @florin_actor_user_id. It can be approved for as many hours as the setting
-- four_eyes_expires_hours says, 72 without one.
-- Errors (45000): FORBIDDEN, IDEMPOTENCY_KEY_REUSED.
-- Example: CALL sp_request_approval('role_change', 'change_role', '{"user_id":"5","role":"auditor"}', 5, 'New in audit', NULL, NULL);
DELIMITER //
CREATE PROCEDURE sp_request_approval(IN p_kind VARCHAR(24) CHARACTER SET ascii, IN p_act VARCHAR(24) CHARACTER SET ascii,
  IN p_payload LONGTEXT CHARACTER SET utf8mb4, IN p_subject_user_id BIGINT UNSIGNED, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4,
  IN p_key CHAR(32) CHARACTER SET ascii, IN p_hash CHAR(32) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_id BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_is_allowed, v_is_replayed BOOLEAN DEFAULT FALSE;
  DECLARE v_hash CHAR(32) CHARACTER SET ascii;
  DECLARE v_hours INT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  CALL sp_check_approver(p_kind, @florin_actor_user_id, v_is_allowed);
  IF NOT v_is_allowed THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'FORBIDDEN';
  END IF;
  SELECT COALESCE(MAX(CAST(setting_value AS UNSIGNED)), 72) INTO v_hours FROM bank_settings WHERE setting_key = 'four_eyes_expires_hours';
  BEGIN
    DECLARE CONTINUE HANDLER FOR 1062 SET v_is_replayed = TRUE;
    INSERT INTO approval_requests (kind, act, payload, subject_user_id, reason, request_key, request_hash, requested_by, requested_at,
      expires_at)
    VALUES (p_kind, p_act, p_payload, p_subject_user_id, p_reason, UNHEX(p_key), UNHEX(p_hash), @florin_actor_user_id, v_now,
      TIMESTAMPADD(HOUR, v_hours, v_now));
  END;
  IF v_is_replayed THEN
    SELECT approval_id, LOWER(HEX(request_hash)) INTO v_id, v_hash FROM approval_requests WHERE request_key = UNHEX(p_key);
    IF v_hash <> p_hash THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'IDEMPOTENCY_KEY_REUSED';
    END IF;
  ELSE
    SET v_id = LAST_INSERT_ID();
    INSERT INTO approval_events (approval_id, event, actor_user_id, note, occurred_at)
    VALUES (v_id, 'requested', @florin_actor_user_id, p_reason, v_now);
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('approval_requests', v_id, 'INSERT', NULL,
      JSON_OBJECT('kind', p_kind, 'act', p_act, 'payload', p_payload, 'reason', p_reason),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
  COMMIT;
  SELECT v_id AS approval_id, v_is_replayed AS is_replayed;
END//
DELIMITER ;
