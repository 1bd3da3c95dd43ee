-- sp_list_accounts(p_user_id): the accounts of a user, oldest first; closed ones too.
-- Example: CALL sp_list_accounts(5);
DELIMITER //
CREATE PROCEDURE sp_list_accounts(IN p_user_id BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  SELECT account_id, account_number, user_id, account_type, currency, balance_minor, held_minor, overdraft_limit_minor,
    balance_minor - held_minor + overdraft_limit_minor AS available_minor, status, opened_at
  FROM accounts WHERE user_id = p_user_id ORDER BY account_id;
END//
DELIMITER ;
