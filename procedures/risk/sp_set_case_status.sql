-- sp_set_case_status(p_case_id, p_version, p_status): open or in_review, for the case and its open alerts. Closing is sp_close_case.
-- Errors (45000), in this order: CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR, VERSION_CONFLICT.
-- Example: CALL sp_set_case_status(3, 1, 'in_review');
DELIMITER //
CREATE PROCEDURE sp_set_case_status(IN p_case_id BIGINT UNSIGNED, IN p_version INT UNSIGNED, IN p_status VARCHAR(12) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_before VARCHAR(12) CHARACTER SET ascii;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  CALL sp_lock_case(p_case_id, p_version);
  SELECT status INTO v_before FROM fraud_cases WHERE case_id = p_case_id;
  UPDATE fraud_cases SET status = IF(p_status = 'in_review', 'in_review', 'open'), version = version + 1 WHERE case_id = p_case_id;
  UPDATE alerts SET status = IF(p_status = 'in_review', 'in_review', 'open'), version = version + 1
  WHERE case_id = p_case_id AND status <> 'closed';
  INSERT INTO case_events (case_id, event, actor_user_id, detail, occurred_at)
  VALUES (p_case_id, 'status', @florin_actor_user_id, JSON_OBJECT('from', v_before, 'to', p_status), UTC_TIMESTAMP(6));
  COMMIT;
END//
DELIMITER ;
