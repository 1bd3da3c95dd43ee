-- sp_seal_watermark(p_max_transactions, p_max_audit_rows, p_settle_seconds): up to which ids transactions and audit rows may be sealed now.
-- One row: last_block_id (0: none yet), transactions_after_id, transactions_until_id, audit_after_id, audit_until_id, is_blocked, has_more.
-- until = after where nothing can be sealed.
--
-- Ids are given before commit, so a lower id may become visible after a higher one, and one that is sealed past would look like a row that
-- somebody slipped in. Two things together exclude it. Only rows older than p_settle_seconds are taken, up to the first younger one. And all
-- of the range is read once with shared locks: a row that is written but not committed is physically there, and the read waits for it, at
-- most a second. When it had to give up, nothing is sealed in this round (is_blocked). What then is missing in the range was rolled back, or
-- its id was given and never used; the server gives no id below one that is committed again.
-- Posting does not wait: nobody changes these rows, and under READ COMMITTED the read locks no gaps.
-- Example: CALL sp_seal_watermark(1000, 1000, 30);
DELIMITER //
CREATE PROCEDURE sp_seal_watermark(IN p_max_transactions INT UNSIGNED, IN p_max_audit_rows INT UNSIGNED, IN p_settle_seconds INT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_settled_at DATETIME(6) DEFAULT UTC_TIMESTAMP(6) - INTERVAL p_settle_seconds SECOND;
  -- What claims to be of a later time was written by a session in another time zone, and would hold everything up until then.
  DECLARE v_believed_until DATETIME(6) DEFAULT UTC_TIMESTAMP(6) + INTERVAL 10 MINUTE;
  DECLARE v_block, v_transactions_after, v_transactions_until, v_audit_after, v_audit_until BIGINT UNSIGNED DEFAULT 0;
  DECLARE v_unsettled BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_rows, v_found, v_has_more, v_is_blocked INT UNSIGNED DEFAULT 0;
  DECLARE v_timeout INT UNSIGNED DEFAULT @@innodb_lock_wait_timeout;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    SET SESSION innodb_lock_wait_timeout = v_timeout;
    RESIGNAL;
  END;

  SELECT COALESCE(MAX(block_id), 0) INTO v_block FROM seal_blocks;
  IF v_block > 0 THEN
    SELECT transactions_until_id, audit_until_id INTO v_transactions_after, v_audit_after FROM seal_blocks WHERE block_id = v_block;
  END IF;

  SELECT COUNT(*), COALESCE(MAX(p.transaction_id), v_transactions_after),
    MIN(IF(p.posted_at > v_settled_at AND p.posted_at < v_believed_until, p.transaction_id, NULL))
  INTO v_rows, v_transactions_until, v_unsettled
  FROM (
    SELECT transaction_id, posted_at FROM transactions FORCE INDEX (PRIMARY)
    WHERE transaction_id > v_transactions_after ORDER BY transaction_id LIMIT p_max_transactions
  ) p;
  SET v_has_more = v_unsettled IS NULL AND v_rows = p_max_transactions;
  IF v_unsettled IS NOT NULL THEN
    SELECT COALESCE(MAX(transaction_id), v_transactions_after) INTO v_transactions_until
    FROM transactions WHERE transaction_id > v_transactions_after AND transaction_id < v_unsettled;
  END IF;

  SELECT COUNT(*), COALESCE(MAX(p.audit_id), v_audit_after),
    MIN(IF(p.created_at > v_settled_at AND p.created_at < v_believed_until, p.audit_id, NULL))
  INTO v_rows, v_audit_until, v_unsettled
  FROM (
    SELECT audit_id, created_at FROM system_audit_logs FORCE INDEX (PRIMARY)
    WHERE audit_id > v_audit_after ORDER BY audit_id LIMIT p_max_audit_rows
  ) p;
  SET v_has_more = v_has_more OR (v_unsettled IS NULL AND v_rows = p_max_audit_rows);
  IF v_unsettled IS NOT NULL THEN
    SELECT COALESCE(MAX(audit_id), v_audit_after) INTO v_audit_until
    FROM system_audit_logs WHERE audit_id > v_audit_after AND audit_id < v_unsettled;
  END IF;

  SET SESSION innodb_lock_wait_timeout = 1;
  BEGIN
    DECLARE EXIT HANDLER FOR 1205, 1213
    BEGIN
      ROLLBACK;
      SET v_is_blocked = 1, v_transactions_until = v_transactions_after;
    END;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    SELECT COUNT(*) INTO v_found FROM transactions FORCE INDEX (PRIMARY)
    WHERE transaction_id > v_transactions_after AND transaction_id <= v_transactions_until LOCK IN SHARE MODE;
    COMMIT;
  END;
  BEGIN
    DECLARE EXIT HANDLER FOR 1205, 1213
    BEGIN
      ROLLBACK;
      SET v_is_blocked = 1, v_audit_until = v_audit_after;
    END;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    SELECT COUNT(*) INTO v_found FROM system_audit_logs FORCE INDEX (PRIMARY)
    WHERE audit_id > v_audit_after AND audit_id <= v_audit_until LOCK IN SHARE MODE;
    COMMIT;
  END;
  SET SESSION innodb_lock_wait_timeout = v_timeout;
  IF v_is_blocked = 1 THEN
    SET v_has_more = 0;
  END IF;
  SELECT v_block AS last_block_id, v_transactions_after AS transactions_after_id, v_transactions_until AS transactions_until_id,
    v_audit_after AS audit_after_id, v_audit_until AS audit_until_id, v_is_blocked AS is_blocked, v_has_more AS has_more;
END//
DELIMITER ;
