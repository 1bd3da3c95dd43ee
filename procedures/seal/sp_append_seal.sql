-- sp_append_seal(…): appends a block to the chain of seals. One row: is_appended, 0 when another worker was faster.
--
-- The worker digests the rows and signs; this checks that the block continues the chain and that its hash is that of its own columns, so that
-- no broken block ever stands in an append-only table. p_key_id, p_public_key and p_signature are NULL together: a block without a signature.
-- Errors: SEAL_BLOCK_DOES_NOT_FIT when hash, digests or range are not what the columns say.
-- Example: called by the worker only; docs/adr/0009 has the form of the statement.
DELIMITER //
CREATE PROCEDURE sp_append_seal(IN p_block_id BIGINT UNSIGNED, IN p_chain_id BINARY(16), IN p_previous_hash BINARY(32),
  IN p_transactions_until_id BIGINT UNSIGNED, IN p_audit_until_id BIGINT UNSIGNED, IN p_row_digests MEDIUMBLOB,
  IN p_sealed_at DATETIME(3), IN p_block_hash BINARY(32), IN p_key_id CHAR(16), IN p_public_key BINARY(32), IN p_signature BINARY(64))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_last BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_chain_id BINARY(16) DEFAULT p_chain_id;
  DECLARE v_hash, v_rows_sha256 BINARY(32) DEFAULT UNHEX(REPEAT('00', 32));
  DECLARE v_transactions_after, v_audit_after BIGINT UNSIGNED DEFAULT 0;
  DECLARE v_sealed_at DATETIME(3) DEFAULT p_sealed_at;
  DECLARE v_statement VARCHAR(1000) CHARACTER SET utf8mb4;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT block_id, chain_id, block_hash, transactions_until_id, audit_until_id, sealed_at
  INTO v_last, v_chain_id, v_hash, v_transactions_after, v_audit_after, v_sealed_at
  FROM seal_blocks ORDER BY block_id DESC LIMIT 1 FOR UPDATE;
  IF p_block_id <> COALESCE(v_last, 0) + 1 OR p_previous_hash <> v_hash THEN
    ROLLBACK;
    SELECT 0 AS is_appended;
  ELSE
    SET v_rows_sha256 = UNHEX(SHA2(p_row_digests, 256));
    SET v_statement = CONCAT('florin-seal 1\n', 'chain ', LOWER(HEX(p_chain_id)), '\n', 'block ', p_block_id, '\n',
      'previous ', LOWER(HEX(p_previous_hash)), '\n', 'transactions_after ', v_transactions_after, '\n',
      'transactions_until ', p_transactions_until_id, '\n', 'audit_after ', v_audit_after, '\n', 'audit_until ', p_audit_until_id, '\n',
      'rows ', LENGTH(p_row_digests) DIV 42, '\n', 'rows_sha256 ', LOWER(HEX(v_rows_sha256)), '\n',
      'sealed_at ', DATE_FORMAT(p_sealed_at, '%Y-%m-%dT%H:%i:%s.'), LPAD(MICROSECOND(p_sealed_at) DIV 1000, 3, '0'), 'Z\n',
      'key ', COALESCE(p_key_id, 'none'), '\n');
    IF UNHEX(SHA2(v_statement, 256)) <> p_block_hash OR p_chain_id <> v_chain_id OR LENGTH(p_row_digests) MOD 42 <> 0
       OR p_transactions_until_id < v_transactions_after OR p_audit_until_id < v_audit_after OR p_sealed_at < v_sealed_at
       OR (p_key_id IS NULL) <> (p_signature IS NULL) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'SEAL_BLOCK_DOES_NOT_FIT';
    END IF;
    IF p_key_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM seal_keys WHERE key_id = p_key_id) THEN
      INSERT INTO seal_keys (key_id, public_key, first_block_id, created_at) VALUES (p_key_id, p_public_key, p_block_id, p_sealed_at);
    END IF;
    INSERT INTO seal_blocks (block_id, chain_id, previous_hash, transactions_after_id, transactions_until_id, audit_after_id, audit_until_id,
      rows_count, rows_sha256, sealed_at, key_id, block_hash, signature, row_digests)
    VALUES (p_block_id, p_chain_id, p_previous_hash, v_transactions_after, p_transactions_until_id, v_audit_after, p_audit_until_id,
      LENGTH(p_row_digests) DIV 42, v_rows_sha256, p_sealed_at, p_key_id, p_block_hash, p_signature, p_row_digests);
    COMMIT;
    SELECT 1 AS is_appended;
  END IF;
END//
DELIMITER ;
