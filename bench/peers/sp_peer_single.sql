-- One transfer a call, done well: the key first, both accounts locked in ascending order, one commit.
DELIMITER //
CREATE PROCEDURE sp_peer_single(IN p_key CHAR(32) CHARACTER SET ascii, IN p_from BIGINT UNSIGNED, IN p_to BIGINT UNSIGNED,
  IN p_amount_minor BIGINT, IN p_currency CHAR(3) CHARACTER SET ascii)
BEGIN
  DECLARE v_transaction_id BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_from_minor, v_to_minor BIGINT DEFAULT NULL;
  DECLARE v_code VARCHAR(32) CHARACTER SET ascii DEFAULT 'OK';
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  IF p_from < p_to THEN
    SELECT balance_minor INTO v_from_minor FROM peer_accounts
    WHERE account_id = p_from AND status = 'active' AND currency = p_currency FOR UPDATE;
    SELECT balance_minor INTO v_to_minor FROM peer_accounts
    WHERE account_id = p_to AND status = 'active' AND currency = p_currency FOR UPDATE;
  ELSE
    SELECT balance_minor INTO v_to_minor FROM peer_accounts
    WHERE account_id = p_to AND status = 'active' AND currency = p_currency FOR UPDATE;
    SELECT balance_minor INTO v_from_minor FROM peer_accounts
    WHERE account_id = p_from AND status = 'active' AND currency = p_currency FOR UPDATE;
  END IF;
  SET v_transaction_id = (SELECT transaction_id FROM peer_transactions WHERE idempotency_key = p_key);
  IF v_transaction_id IS NOT NULL THEN
    SET v_code = 'REPLAYED';
  ELSEIF v_from_minor IS NULL OR v_to_minor IS NULL THEN
    SET v_code = 'ACCOUNT_NOT_FOUND';
  ELSEIF v_from_minor < p_amount_minor THEN
    SET v_code = 'INSUFFICIENT_FUNDS';
  ELSE
    INSERT INTO peer_transactions (idempotency_key, currency, amount_minor) VALUES (p_key, p_currency, p_amount_minor);
    SET v_transaction_id = LAST_INSERT_ID();
    INSERT INTO peer_entries (transaction_id, account_id, amount_minor, balance_after_minor)
    VALUES (v_transaction_id, p_from, -p_amount_minor, v_from_minor - p_amount_minor),
           (v_transaction_id, p_to, p_amount_minor, v_to_minor + p_amount_minor);
    UPDATE peer_accounts SET balance_minor = v_from_minor - p_amount_minor, version = version + 1 WHERE account_id = p_from;
    UPDATE peer_accounts SET balance_minor = v_to_minor + p_amount_minor, version = version + 1 WHERE account_id = p_to;
  END IF;
  COMMIT;
  SELECT v_code AS code, v_transaction_id AS transaction_id;
END//
DELIMITER ;
