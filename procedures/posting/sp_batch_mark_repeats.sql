-- sp_batch_mark_repeats(): marks the items whose key stood earlier in the same batch.
--
-- first_seq of an item is the first item of the batch with the same key: a repeat is answered like that one, and refused when
-- its hash is another.
DELIMITER //
CREATE PROCEDURE sp_batch_mark_repeats()
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq, number_1, number_2)
  SELECT seq, FIRST_VALUE(seq) OVER (PARTITION BY idempotency_key ORDER BY seq),
    request_hash = FIRST_VALUE(request_hash) OVER (PARTITION BY idempotency_key ORDER BY seq)
  FROM batch_item WHERE code = '';
  UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq
  SET i.first_seq = n.number_1, i.code = IF(n.number_2 = 1, 'REPEAT', 'IDEMPOTENCY_KEY_REUSED')
  WHERE n.number_1 < i.seq;
END//
DELIMITER ;
