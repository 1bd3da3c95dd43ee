-- sp_finish_approval(p_approval_id, p_status, p_result): writes down what became of an approved act: executed or failed, and its result as
-- JSON. May be repeated; what was written down stays, and an act that was executed cannot fail any more.
--
-- An act that changes a row is marked as executed by its own transaction (trg_system_audit_logs_approval); this adds the result.
-- Example: CALL sp_finish_approval(7, 'executed', '{"code":"OK"}');
DELIMITER //
CREATE PROCEDURE sp_finish_approval(IN p_approval_id BIGINT UNSIGNED, IN p_status VARCHAR(12) CHARACTER SET ascii,
  IN p_result LONGTEXT CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_status VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_decided_by BIGINT UNSIGNED;
  DECLARE v_finished_at DATETIME(6);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT status, decided_by, finished_at INTO v_status, v_decided_by, v_finished_at
  FROM approval_requests WHERE approval_id = p_approval_id FOR UPDATE;
  IF v_finished_at IS NULL AND (v_status = 'approved' OR (v_status = 'executed' AND p_status = 'executed')) THEN
    UPDATE approval_requests
    SET status = p_status, executed_at = COALESCE(executed_at, IF(p_status = 'executed', v_now, NULL)), finished_at = v_now, result = p_result
    WHERE approval_id = p_approval_id;
    INSERT INTO approval_events (approval_id, event, actor_user_id, note, occurred_at)
    VALUES (p_approval_id, p_status, v_decided_by, LEFT(p_result, 255), v_now);
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('approval_requests', p_approval_id, 'UPDATE', JSON_OBJECT('status', 'approved'),
      JSON_OBJECT('status', p_status, 'result', p_result), v_decided_by, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
  COMMIT;
END//
DELIMITER ;
