-- sp_batch_repeats(): answers items whose key stood earlier in the same batch like that earlier item.
DELIMITER //
CREATE PROCEDURE sp_batch_repeats()
SQL SECURITY DEFINER
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_first LIKE batch_item;
  DELETE FROM batch_first;
  INSERT INTO batch_first SELECT * FROM batch_item WHERE code <> 'REPEAT';
  UPDATE batch_item i JOIN batch_first f ON f.seq = i.first_seq
  SET i.code = f.code,
      i.is_replayed = f.idempotency_key IS NOT NULL,
      i.transaction_id = f.transaction_id,
      i.hold_id = f.hold_id
  WHERE i.code = 'REPEAT';
END//
DELIMITER ;
