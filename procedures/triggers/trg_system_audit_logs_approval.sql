-- trg_system_audit_logs_approval: an approved act that is carried out (@florin_approval_id, @florin_approval_token) is marked as
-- executed in the very transaction that does it, which is the one that writes its audit row.
--
-- So a crash leaves it either wholly undone, to be taken up again, or done and marked. A second attempt that comes too late is refused
-- here, and its transaction rolls back: APPROVAL_DECIDED.
DELIMITER //
CREATE TRIGGER trg_system_audit_logs_approval AFTER INSERT ON system_audit_logs FOR EACH ROW
BEGIN
  DECLARE v_status VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin;
  DECLARE v_token CHAR(32) CHARACTER SET ascii COLLATE ascii_bin;
  DECLARE v_approval_id BIGINT UNSIGNED;

  IF @florin_approval_id IS NOT NULL THEN
    -- A number of its own: a session variable is text, by which no index is searched.
    SET v_approval_id = @florin_approval_id;
    SELECT status, execution_token INTO v_status, v_token
    FROM approval_requests WHERE approval_id = v_approval_id FOR UPDATE;
    IF v_status = 'approved' THEN
      UPDATE approval_requests
      SET status = 'executed', executed_at = UTC_TIMESTAMP(6), execution_token = @florin_approval_token
      WHERE approval_id = v_approval_id;
    ELSEIF NOT (v_status <=> 'executed' AND v_token <=> CONVERT(@florin_approval_token USING ascii) COLLATE ascii_bin) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_DECIDED';
    END IF;
  END IF;
END//
DELIMITER ;
