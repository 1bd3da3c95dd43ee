-- sp_claim_decision_key(p_key, p_hash, OUT p_is_replayed): notes the idempotency key of an analyst's decision in the transaction of the
-- decision itself, beside those of postings. p_is_replayed = 1: the same request was decided before.
-- Error (45000): IDEMPOTENCY_KEY_REUSED, when the key stands for another request.
DELIMITER //
CREATE PROCEDURE sp_claim_decision_key(IN p_key CHAR(32) CHARACTER SET ascii, IN p_hash CHAR(32) CHARACTER SET ascii,
  OUT p_is_replayed BOOLEAN)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_hash BINARY(16) DEFAULT NULL;
  DECLARE EXIT HANDLER FOR 1062
  BEGIN
    -- A posting took the key in the very moment.
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'IDEMPOTENCY_KEY_REUSED';
  END;

  SELECT MAX(request_hash) INTO v_hash FROM idempotency_keys WHERE idempotency_key = UNHEX(p_key);
  IF v_hash IS NOT NULL AND v_hash <> UNHEX(p_hash) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'IDEMPOTENCY_KEY_REUSED';
  END IF;
  SET p_is_replayed = v_hash IS NOT NULL;
  IF NOT p_is_replayed THEN
    INSERT INTO idempotency_keys (idempotency_key, request_hash, code, created_at)
    VALUES (UNHEX(p_key), UNHEX(p_hash), 'OK', UTC_TIMESTAMP(6));
  END IF;
END//
DELIMITER ;
