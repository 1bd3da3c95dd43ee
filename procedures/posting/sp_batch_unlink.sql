-- sp_batch_unlink(): declines every item of a linked request of which one item was declined, now or before.
DELIMITER //
CREATE PROCEDURE sp_batch_unlink()
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq)
  SELECT DISTINCT request_no FROM batch_item WHERE is_linked = 1 AND code NOT IN ('', 'OK', 'REPEAT');
  UPDATE batch_item i JOIN batch_note n ON n.seq = i.request_no
  SET i.code = 'LINKED_FAILED'
  WHERE i.is_linked = 1 AND i.code = '';
END//
DELIMITER ;
