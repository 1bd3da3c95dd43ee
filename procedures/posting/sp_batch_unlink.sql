-- sp_batch_unlink(): declines every item of a linked request of which one item was declined, now or before.
--
-- What failed for an item that is not remembered is not remembered either: it loses its key.
DELIMITER //
CREATE PROCEDURE sp_batch_unlink()
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq, number_1)
  SELECT request_no, MAX(code IN ('INVALID_ITEM', 'JOURNAL_UNBALANCED', 'IDEMPOTENCY_KEY_REUSED'))
  FROM batch_item WHERE is_linked = 1 AND code NOT IN ('', 'OK', 'REPEAT') GROUP BY request_no;
  UPDATE batch_item i JOIN batch_note n ON n.seq = i.request_no
  SET i.code = 'LINKED_FAILED', i.idempotency_key = IF(n.number_1 = 1, NULL, i.idempotency_key)
  WHERE i.is_linked = 1 AND i.code = '';
END//
DELIMITER ;
