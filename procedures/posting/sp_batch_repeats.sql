-- sp_batch_repeats(): answers items whose key stood earlier in the same batch like that earlier item.
DELIMITER //
CREATE PROCEDURE sp_batch_repeats()
SQL SECURITY DEFINER
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_first LIKE batch_item;
  DELETE FROM batch_first;
  INSERT INTO batch_first SELECT * FROM batch_item WHERE code <> 'REPEAT';
  UPDATE batch_item i JOIN batch_first f ON f.seq = i.first_seq
  SET i.code = IF(i.request_hash = f.request_hash, f.code, 'IDEMPOTENCY_KEY_REUSED'),
      i.is_replayed = i.request_hash = f.request_hash,
      i.transaction_id = IF(i.request_hash = f.request_hash, f.transaction_id, NULL),
      i.hold_id = IF(i.request_hash = f.request_hash, f.hold_id, NULL)
  WHERE i.code = 'REPEAT';
END//
DELIMITER ;
