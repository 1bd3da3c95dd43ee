-- sp_set_account_status(p_account_id, p_status): freezes, unfreezes or closes a customer's account and returns the row.
--
-- A closed account stays closed. Closing needs a balance and holds of zero.
-- Errors (45000), in this order: ACCOUNT_NOT_FOUND, ACCOUNT_CLOSED, ACCOUNT_NOT_EMPTY.
-- Who did it comes from @florin_actor_user_id into the audit row.
-- Example: CALL sp_set_account_status(11, 'frozen');
DELIMITER //
CREATE PROCEDURE sp_set_account_status(IN p_account_id BIGINT UNSIGNED, IN p_status VARCHAR(8) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_balance, v_held BIGINT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  SELECT status, balance_minor, held_minor INTO v_status, v_balance, v_held
  FROM accounts WHERE account_id = p_account_id AND user_id IS NOT NULL FOR UPDATE;
  IF v_status IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ACCOUNT_NOT_FOUND';
  END IF;
  IF v_status = 'closed' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ACCOUNT_CLOSED';
  END IF;
  IF p_status = 'closed' AND (v_balance <> 0 OR v_held <> 0) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ACCOUNT_NOT_EMPTY';
  END IF;
  UPDATE accounts SET status = p_status, closed_at = IF(p_status = 'closed', UTC_TIMESTAMP(6), NULL) WHERE account_id = p_account_id;
  COMMIT;
  SELECT account_id, account_number, user_id, account_type, currency, balance_minor, held_minor, overdraft_limit_minor,
    balance_minor - held_minor + overdraft_limit_minor AS available_minor, status, opened_at
  FROM accounts WHERE account_id = p_account_id;
END//
DELIMITER ;
