-- sp_attach_case_transaction(p_case_id, p_transaction_id): puts a transaction to the file of an open case. One that is there already
-- stays as it is.
-- Errors (45000), in this order: CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR, TRANSACTION_NOT_FOUND.
-- Example: CALL sp_attach_case_transaction(3, 1042);
DELIMITER //
CREATE PROCEDURE sp_attach_case_transaction(IN p_case_id BIGINT UNSIGNED, IN p_transaction_id BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_found INT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  CALL sp_lock_case(p_case_id, NULL);
  SELECT COUNT(*) INTO v_found FROM transactions WHERE transaction_id = p_transaction_id;
  IF v_found = 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'TRANSACTION_NOT_FOUND';
  END IF;
  SELECT COUNT(*) INTO v_found FROM case_transactions WHERE case_id = p_case_id AND transaction_id = p_transaction_id;
  IF v_found = 0 THEN
    INSERT INTO case_transactions (case_id, transaction_id, attached_by, attached_at)
    VALUES (p_case_id, p_transaction_id, @florin_actor_user_id, UTC_TIMESTAMP(6));
    INSERT INTO case_events (case_id, transaction_id, event, actor_user_id, occurred_at)
    VALUES (p_case_id, p_transaction_id, 'transaction_attached', @florin_actor_user_id, UTC_TIMESTAMP(6));
  END IF;
  COMMIT;
END//
DELIMITER ;
