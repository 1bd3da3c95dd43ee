-- sp_assign_case(p_case_id, p_version, p_assigned_to): gives an open case to an analyst, or to nobody (NULL).
-- Errors (45000), in this order: CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR, VERSION_CONFLICT. The caller knows who may be assigned.
-- Example: CALL sp_assign_case(3, 1, 42);
DELIMITER //
CREATE PROCEDURE sp_assign_case(IN p_case_id BIGINT UNSIGNED, IN p_version INT UNSIGNED, IN p_assigned_to BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  CALL sp_lock_case(p_case_id, p_version);
  IF EXISTS (SELECT 1 FROM fraud_cases WHERE case_id = p_case_id AND user_id = p_assigned_to) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'OWN_AFFAIR';
  END IF;
  UPDATE fraud_cases SET assigned_to = p_assigned_to, version = version + 1 WHERE case_id = p_case_id;
  UPDATE alerts SET assigned_to = p_assigned_to WHERE case_id = p_case_id;
  INSERT INTO case_events (case_id, event, actor_user_id, detail, occurred_at)
  VALUES (p_case_id, 'assigned', @florin_actor_user_id, JSON_OBJECT('assigned_to', CAST(p_assigned_to AS CHAR)), UTC_TIMESTAMP(6));
  COMMIT;
END//
DELIMITER ;
