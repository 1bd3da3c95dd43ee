-- sp_decide_approval(p_approval_id, p_decision, p_note): approves, rejects or cancels a request. p_decision is approved, rejected or
-- cancelled; who decides is @florin_actor_user_id. The same decision of the same person again changes nothing.
--
-- Neither who asked nor whom it favours may approve or reject; only who asked may cancel. Whoever approves must be allowed to do the
-- act right now, and so must who asked. What is approved is executed afterwards, by whoever comes first.
-- Errors (45000), in this order: APPROVAL_NOT_FOUND, APPROVAL_OWN, FORBIDDEN, APPROVAL_DECIDED, APPROVAL_EXPIRED,
-- APPROVAL_REQUESTER_GONE.
-- Example: CALL sp_decide_approval(7, 'approved', 'called back');
DELIMITER //
CREATE PROCEDURE sp_decide_approval(IN p_approval_id BIGINT UNSIGNED, IN p_decision VARCHAR(12) CHARACTER SET ascii,
  IN p_note VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_actor BIGINT UNSIGNED DEFAULT @florin_actor_user_id;
  DECLARE v_status VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_kind VARCHAR(24) CHARACTER SET ascii;
  DECLARE v_requested_by, v_subject, v_decided_by BIGINT UNSIGNED;
  DECLARE v_expires_at DATETIME(6);
  DECLARE v_is_allowed BOOLEAN DEFAULT FALSE;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT status, kind, requested_by, subject_user_id, decided_by, expires_at
  INTO v_status, v_kind, v_requested_by, v_subject, v_decided_by, v_expires_at
  FROM approval_requests WHERE approval_id = p_approval_id FOR UPDATE;
  IF v_status IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_NOT_FOUND';
  END IF;
  IF p_decision = 'cancelled' THEN
    IF NOT v_requested_by <=> v_actor THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'FORBIDDEN';
    END IF;
  ELSE
    IF v_actor IS NULL OR v_requested_by = v_actor OR v_subject <=> v_actor THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_OWN';
    END IF;
    CALL sp_check_approver(v_kind, v_actor, v_is_allowed);
    IF NOT v_is_allowed THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'FORBIDDEN';
    END IF;
  END IF;
  IF v_status <> 'pending' THEN
    IF NOT (v_decided_by <=> v_actor AND (p_decision = v_status OR (p_decision = 'approved' AND v_status IN ('executed', 'failed')))) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_DECIDED';
    END IF;
  ELSE
    IF v_expires_at <= v_now THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_EXPIRED';
    END IF;
    IF p_decision = 'approved' THEN
      CALL sp_check_approver(v_kind, v_requested_by, v_is_allowed);
      IF NOT v_is_allowed THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_REQUESTER_GONE';
      END IF;
    END IF;
    UPDATE approval_requests SET status = p_decision, decided_by = v_actor, decided_at = v_now, decision_note = p_note
    WHERE approval_id = p_approval_id;
    INSERT INTO approval_events (approval_id, event, actor_user_id, note, occurred_at)
    VALUES (p_approval_id, p_decision, v_actor, p_note, v_now);
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('approval_requests', p_approval_id, 'UPDATE', JSON_OBJECT('status', v_status),
      JSON_OBJECT('status', p_decision, 'kind', v_kind, 'requested_by', v_requested_by, 'note', p_note),
      v_actor, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
  COMMIT;
END//
DELIMITER ;
