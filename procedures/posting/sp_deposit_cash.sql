-- sp_deposit_cash(p_account_id, p_amount, p_description, p_idempotency_key): cash paid in, for people at an SQL prompt.
-- Parameters and results as in sp_perform_transfer.
-- Example: CALL sp_deposit_cash(11, 200.00, 'Counter', NULL);
DELIMITER //
CREATE PROCEDURE sp_deposit_cash(IN p_account_id BIGINT UNSIGNED, IN p_amount DECIMAL(24, 6),
  IN p_description VARCHAR(255) CHARACTER SET utf8mb4, IN p_idempotency_key VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  CALL sp_post_one('deposit', NULL, p_account_id, p_amount, p_description, p_idempotency_key);
END//
DELIMITER ;
