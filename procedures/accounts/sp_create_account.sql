-- sp_create_account(p_user_id, p_account_type, p_currency, p_overdraft_limit_minor): opens an account and returns its row.
--
-- The number has the form of an IBAN: XF (a user-assigned country code of ISO 3166), two check digits after ISO 7064 mod 97-10,
-- the bank code FLRN, twelve random digits. Letters count as A = 10 … Z = 35, so FLRN XF is 15212723 and 3315.
-- Errors (45000): USER_NOT_FOUND, UNKNOWN_ACCOUNT_TYPE, UNKNOWN_CURRENCY.
-- Example: CALL sp_create_account(5, 'checking', 'USD', 0);
DELIMITER //
CREATE PROCEDURE sp_create_account(IN p_user_id BIGINT UNSIGNED, IN p_account_type VARCHAR(32) CHARACTER SET ascii,
  IN p_currency VARCHAR(8) CHARACTER SET ascii, IN p_overdraft_limit_minor BIGINT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_digits CHAR(12) CHARACTER SET ascii;
  DECLARE v_check INT;
  DECLARE v_tries INT DEFAULT 0;
  DECLARE v_account_id BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_block VARCHAR(16) CHARACTER SET ascii DEFAULT NULL;

  IF NOT EXISTS (SELECT 1 FROM users WHERE user_id = p_user_id AND is_active) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'USER_NOT_FOUND';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM chart_of_accounts WHERE account_type = p_account_type AND is_customer) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'UNKNOWN_ACCOUNT_TYPE';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM currencies WHERE currency = p_currency AND is_active) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'UNKNOWN_CURRENCY';
  END IF;
  -- What the block-list says of the owner holds for new accounts too.
  SELECT MAX('blacklist') INTO v_block FROM risk_list_entries
  WHERE subject_type = 'user' AND subject_value = CONVERT(p_user_id USING utf8mb4) COLLATE utf8mb4_bin AND list = 'block'
    AND removed_at IS NULL;

  WHILE v_account_id IS NULL DO
    BEGIN
      -- Twelve random digits may be taken already: then another twelve, a few times. The handler must leave the block: going on
      -- behind the INSERT would take the id of the account that was opened before.
      DECLARE EXIT HANDLER FOR 1062 SET v_tries = v_tries + 1;
      IF v_tries > 5 THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'NO_FREE_ACCOUNT_NUMBER';
      END IF;
      -- RAND() has no more than 30 random bits, so twelve digits are drawn in two halves.
      SET v_digits = CONCAT(LPAD(FLOOR(RAND() * 1000000), 6, '0'), LPAD(FLOOR(RAND() * 1000000), 6, '0'));
      SET v_check = 98 - MOD(CAST(CONCAT('15212723', v_digits, '331500') AS DECIMAL(30, 0)), 97);
      INSERT INTO accounts (account_number, user_id, account_type, currency, overdraft_limit_minor, debit_block)
      VALUES (CONCAT('XF', LPAD(v_check, 2, '0'), 'FLRN', v_digits), p_user_id, p_account_type, p_currency,
        COALESCE(p_overdraft_limit_minor, 0), v_block);
      SET v_account_id = LAST_INSERT_ID();
    END;
  END WHILE;
  SELECT account_id, account_number, user_id, account_type, currency, balance_minor, held_minor, overdraft_limit_minor,
    balance_minor - held_minor + overdraft_limit_minor AS available_minor, status, opened_at
  FROM accounts WHERE account_id = v_account_id;
END//
DELIMITER ;
