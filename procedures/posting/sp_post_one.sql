-- sp_post_one(p_type, p_debit_account_id, p_credit_account_id, p_amount, p_description, p_idempotency_key): what
-- sp_perform_transfer, sp_deposit_cash and sp_withdraw_cash share. Not granted to anyone.
DELIMITER //
CREATE PROCEDURE sp_post_one(IN p_type VARCHAR(12) CHARACTER SET ascii, IN p_debit_account_id BIGINT UNSIGNED,
  IN p_credit_account_id BIGINT UNSIGNED, IN p_amount DECIMAL(24, 6), IN p_description VARCHAR(255) CHARACTER SET utf8mb4,
  IN p_idempotency_key VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_currency CHAR(3) CHARACTER SET ascii;
  DECLARE v_factor INT UNSIGNED;
  DECLARE v_key, v_hash CHAR(32) CHARACTER SET ascii;

  SELECT a.currency, c.minor_per_major INTO v_currency, v_factor
  FROM accounts a JOIN currencies c ON c.currency = a.currency
  WHERE a.account_id = COALESCE(p_debit_account_id, p_credit_account_id);
  IF v_currency IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ACCOUNT_NOT_FOUND';
  END IF;
  IF p_amount * v_factor <> FLOOR(p_amount * v_factor) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'AMOUNT_TOO_PRECISE';
  END IF;
  SET v_key = LEFT(SHA2(CONCAT('sql:', COALESCE(p_idempotency_key, CAST(UUID() AS CHAR))), 256), 32);
  SET v_hash = LEFT(SHA2(CONCAT_WS('|', p_type, p_debit_account_id, p_credit_account_id, p_amount, p_description), 256), 32);
  CALL sp_post_batch(JSON_ARRAY(JSON_OBJECT('key', v_key, 'hash', v_hash, 'type', p_type, 'debit', p_debit_account_id,
    'credit', p_credit_account_id, 'amount', FLOOR(p_amount * v_factor), 'currency', v_currency, 'description', p_description,
    'actor', @florin_actor_user_id)));
END//
DELIMITER ;
