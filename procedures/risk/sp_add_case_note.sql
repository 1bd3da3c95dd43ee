-- sp_add_case_note(p_case_id, p_note): adds a note to an open case. The author is @florin_actor_user_id.
-- Errors (45000), in this order: CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR.
-- Example: CALL sp_add_case_note(3, 'The customer confirmed both payments by phone.');
DELIMITER //
CREATE PROCEDURE sp_add_case_note(IN p_case_id BIGINT UNSIGNED, IN p_note VARCHAR(2000))
SQL SECURITY DEFINER
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  CALL sp_lock_case(p_case_id, NULL);
  INSERT INTO case_events (case_id, event, actor_user_id, detail, occurred_at)
  VALUES (p_case_id, 'note', @florin_actor_user_id, JSON_OBJECT('note', p_note), UTC_TIMESTAMP(6));
  COMMIT;
END//
DELIMITER ;
