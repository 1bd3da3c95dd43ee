-- sp_open_account(p_user_id, p_account_type, p_currency): opens an account without an overdraft for a customer and returns its row.
--
-- What the API may call: sp_create_account, which can grant an overdraft, is the owner's. A user has at most 50 accounts that are
-- not closed; the lock on the user's row keeps requests that come together from passing the limit together.
-- Errors (45000): TOO_MANY_ACCOUNTS, and those of sp_create_account.
-- Example: CALL sp_open_account(5, 'checking', 'USD');
DELIMITER //
CREATE PROCEDURE sp_open_account(IN p_user_id BIGINT UNSIGNED, IN p_account_type VARCHAR(32) CHARACTER SET ascii,
  IN p_currency VARCHAR(8) CHARACTER SET ascii)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_accounts INT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT COUNT(*) INTO v_accounts FROM users WHERE user_id = p_user_id FOR UPDATE;
  SELECT COUNT(*) INTO v_accounts FROM accounts WHERE user_id = p_user_id AND status <> 'closed';
  IF v_accounts >= 50 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'TOO_MANY_ACCOUNTS';
  END IF;
  CALL sp_create_account(p_user_id, p_account_type, p_currency, 0);
  COMMIT;
END//
DELIMITER ;
