-- sp_perform_transfer(p_sender_account_id, p_receiver_account_id, p_amount, p_description, p_idempotency_key): one transfer, for
-- people at an SQL prompt. A thin form of sp_post_batch, whose results it returns.
--
-- p_amount is in major units of the sender's currency, e.g. 125.50. p_idempotency_key may be any text; NULL makes a new one, so
-- that the call posts each time it is made. Error 45000 AMOUNT_TOO_PRECISE: more decimals than the currency has.
-- Example: CALL sp_perform_transfer(11, 12, 125.50, 'Rent', 'rent-2026-01');
DELIMITER //
CREATE PROCEDURE sp_perform_transfer(IN p_sender_account_id BIGINT UNSIGNED, IN p_receiver_account_id BIGINT UNSIGNED,
  IN p_amount DECIMAL(24, 6), IN p_description VARCHAR(255) CHARACTER SET utf8mb4, IN p_idempotency_key VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  CALL sp_post_one('transfer', p_sender_account_id, p_receiver_account_id, p_amount, p_description, p_idempotency_key);
END//
DELIMITER ;
