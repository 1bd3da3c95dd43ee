-- sp_batch_replay(p_has_repeats, OUT p_has_known): step 4 of sp_post_batch. Finds the items whose key was decided before.
--
-- Runs after the accounts are locked: under READ COMMITTED it then sees whatever was committed before the locks were given.
-- Two batches that race with one key over different accounts meet at the primary key of idempotency_keys: the loser fails
-- with 1062, is sent again, and finds the key here. A reused key refuses every item of its request, so that a changed list of
-- items cannot post those that are new in it.
DELIMITER //
CREATE PROCEDURE sp_batch_replay(IN p_has_repeats INT, OUT p_has_known INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_reused INT DEFAULT 0;

  SELECT COUNT(*), COALESCE(SUM(k.request_hash <> i.request_hash), 0) INTO p_has_known, v_reused
  FROM batch_item i STRAIGHT_JOIN idempotency_keys k ON k.idempotency_key = i.idempotency_key
  WHERE i.code NOT IN ('INVALID_ITEM', 'JOURNAL_UNBALANCED');

  IF p_has_known > 0 THEN
    DELETE FROM batch_note;
    INSERT INTO batch_note (seq, number_1, number_2, code)
    SELECT i.seq, k.transaction_id, k.hold_id, IF(k.request_hash = i.request_hash, k.code, 'IDEMPOTENCY_KEY_REUSED')
    FROM batch_item i STRAIGHT_JOIN idempotency_keys k ON k.idempotency_key = i.idempotency_key
    WHERE i.code NOT IN ('INVALID_ITEM', 'JOURNAL_UNBALANCED');
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq
    SET i.code = n.code,
        i.is_replayed = n.code <> 'IDEMPOTENCY_KEY_REUSED',
        i.transaction_id = IF(n.code = 'IDEMPOTENCY_KEY_REUSED', NULL, n.number_1),
        i.hold_id = IF(n.code = 'IDEMPOTENCY_KEY_REUSED', NULL, n.number_2);
  END IF;
  IF v_reused > 0 OR p_has_repeats > 0 THEN
    DELETE FROM batch_note;
    INSERT INTO batch_note (seq)
    SELECT DISTINCT request_no FROM batch_item WHERE code = 'IDEMPOTENCY_KEY_REUSED' AND request_no > 0;
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.request_no
    SET i.code = 'IDEMPOTENCY_KEY_REUSED', i.is_replayed = 0, i.transaction_id = NULL, i.hold_id = NULL;
  END IF;
END//
DELIMITER ;
