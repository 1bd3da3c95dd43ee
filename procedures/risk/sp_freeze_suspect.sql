-- sp_freeze_suspect(p_account_id): freezes an account by sp_set_account_status, unless it is frozen or closed already. A step of
-- sp_settle_alert, outside its transaction.
DELIMITER //
CREATE PROCEDURE sp_freeze_suspect(IN p_account_id BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(8) CHARACTER SET ascii DEFAULT NULL;
  DECLARE CONTINUE HANDLER FOR SQLSTATE '45000' SET v_status = NULL;

  SELECT MAX(status) INTO v_status FROM accounts WHERE account_id = p_account_id AND user_id IS NOT NULL;
  IF v_status = 'active' THEN
    CALL sp_set_account_status(p_account_id, 'frozen');
  END IF;
END//
DELIMITER ;
