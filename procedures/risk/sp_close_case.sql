-- sp_close_case(p_case_id, p_version, p_label, p_note, p_key, p_hash): closes a case with its label. Alerts that are still open get the
-- same label, with its consequences as if each had been decided alone (see sp_decide_alert). Returns one row: is_replayed.
--
-- p_key and p_hash as in sp_decide_alert: the same request again is answered without a second effect.
-- Errors (45000), in this order: IDEMPOTENCY_KEY_REUSED, CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR, VERSION_CONFLICT; none is remembered.
-- Example: CALL sp_close_case(3, 2, 'false_positive', NULL, MD5('k'), MD5('r'));
DELIMITER //
CREATE PROCEDURE sp_close_case(IN p_case_id BIGINT UNSIGNED, IN p_version INT UNSIGNED, IN p_label VARCHAR(16) CHARACTER SET ascii,
  IN p_note VARCHAR(2000), IN p_key CHAR(32) CHARACTER SET ascii, IN p_hash CHAR(32) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_is_replayed BOOLEAN DEFAULT FALSE;
  DECLARE v_done INT DEFAULT 0;
  DECLARE v_alert_id BIGINT UNSIGNED;
  DECLARE v_lock VARCHAR(255);
  DECLARE c_open CURSOR FOR SELECT alert_id FROM alerts WHERE case_id = p_case_id AND status <> 'closed' ORDER BY alert_id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = 1;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  CALL sp_claim_decision_key(p_key, p_hash, v_is_replayed);
  IF NOT v_is_replayed THEN
    CALL sp_lock_case(p_case_id, p_version);
    OPEN c_open;
    open_alerts: LOOP
      FETCH c_open INTO v_alert_id;
      IF v_done THEN
        LEAVE open_alerts;
      END IF;
      CALL sp_determine_alert(v_alert_id, p_label, NULL, NULL, NULL);
    END LOOP;
    CLOSE c_open;
    UPDATE fraud_cases
    SET status = 'closed', label = p_label, determination_at = UTC_TIMESTAMP(6), determined_by = @florin_actor_user_id,
      version = version + 1
    WHERE case_id = p_case_id;
    INSERT INTO case_events (case_id, event, actor_user_id, detail, occurred_at)
    VALUES (p_case_id, 'closed', @florin_actor_user_id,
      IF(p_note IS NULL, JSON_OBJECT('label', p_label), JSON_OBJECT('label', p_label, 'note', p_note)), UTC_TIMESTAMP(6));
  END IF;
  COMMIT;
  SELECT v_is_replayed AS is_replayed;
END//
DELIMITER ;
