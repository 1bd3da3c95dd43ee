-- The shape many teaching examples of a bank have: lock the sender, then the receiver, in whatever order their ids are, then four
-- statements more. Two transfers between the same accounts in opposite directions deadlock.
DELIMITER //
CREATE PROCEDURE sp_peer_unsorted(IN p_key CHAR(32) CHARACTER SET ascii, IN p_from BIGINT UNSIGNED, IN p_to BIGINT UNSIGNED,
  IN p_amount_minor BIGINT, IN p_currency CHAR(3) CHARACTER SET ascii)
BEGIN
  DECLARE v_transaction_id BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_from_minor, v_to_minor BIGINT DEFAULT NULL;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT balance_minor INTO v_from_minor FROM peer_accounts WHERE account_id = p_from AND status = 'active' FOR UPDATE;
  SELECT balance_minor INTO v_to_minor FROM peer_accounts WHERE account_id = p_to AND status = 'active' FOR UPDATE;
  IF v_from_minor IS NULL OR v_to_minor IS NULL OR v_from_minor < p_amount_minor THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'NOT_POSSIBLE';
  END IF;
  UPDATE peer_accounts SET balance_minor = balance_minor - p_amount_minor WHERE account_id = p_from;
  UPDATE peer_accounts SET balance_minor = balance_minor + p_amount_minor WHERE account_id = p_to;
  INSERT INTO peer_transactions (idempotency_key, currency, amount_minor) VALUES (p_key, p_currency, p_amount_minor);
  SET v_transaction_id = LAST_INSERT_ID();
  INSERT INTO peer_entries (transaction_id, account_id, amount_minor, balance_after_minor)
  VALUES (v_transaction_id, p_from, -p_amount_minor, v_from_minor - p_amount_minor),
         (v_transaction_id, p_to, p_amount_minor, v_to_minor + p_amount_minor);
  COMMIT;
  SELECT 'OK' AS code, v_transaction_id AS transaction_id;
END//
DELIMITER ;
