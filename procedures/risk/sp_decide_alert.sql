-- sp_decide_alert(p_alert_id, p_version, p_label, p_reverse, p_freeze_receiver, p_note, p_key, p_hash): an analyst's decision on one
-- alert. Closes the alert with its label and leaves its consequences (actions_state releasing or confirming) to its settlement,
-- which whoever comes first completes: the API right after this, or a worker. Returns one row: is_replayed.
--
-- p_key and p_hash are an idempotency key and the hash of its request, 32 hex digits each, of the same table as postings: the same
-- request again is answered without a second effect. p_reverse (of a confirmed fraud): bring the money back; NULL: when a customer of
-- this bank received it. The analyst is @florin_actor_user_id.
-- Errors (45000), in this order: IDEMPOTENCY_KEY_REUSED, ALERT_NOT_FOUND, ALERT_CLOSED, VERSION_CONFLICT,
-- OWN_AFFAIR; none is remembered.
-- Example: CALL sp_decide_alert(7, 1, 'false_positive', NULL, NULL, 'called the customer', MD5('k'), MD5('r'));
DELIMITER //
CREATE PROCEDURE sp_decide_alert(IN p_alert_id BIGINT UNSIGNED, IN p_version INT UNSIGNED, IN p_label VARCHAR(16) CHARACTER SET ascii,
  IN p_reverse BOOLEAN, IN p_freeze_receiver BOOLEAN, IN p_note VARCHAR(2000), IN p_key CHAR(32) CHARACTER SET ascii,
  IN p_hash CHAR(32) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_is_replayed BOOLEAN DEFAULT FALSE;
  DECLARE v_status VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_version INT UNSIGNED;
  DECLARE v_lock VARCHAR(255);
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
    SELECT status, version INTO v_status, v_version FROM alerts WHERE alert_id = p_alert_id FOR UPDATE;
    IF v_status IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ALERT_NOT_FOUND';
    END IF;
    IF v_status = 'closed' THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ALERT_CLOSED';
    END IF;
    IF v_version <> p_version THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'VERSION_CONFLICT';
    END IF;
    CALL sp_determine_alert(p_alert_id, p_label, p_reverse, p_freeze_receiver, p_note);
  END IF;
  COMMIT;
  SELECT v_is_replayed AS is_replayed;
END//
DELIMITER ;
