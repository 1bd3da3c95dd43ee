-- sp_batch_lock_holds(): reads the holds of this batch again, locked, in ascending order, after their accounts are locked.
DELIMITER //
CREATE PROCEDURE sp_batch_lock_holds()
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq, number_1, code)
  SELECT h.hold_id, h.hold_id, h.status
  FROM (SELECT DISTINCT hold_id FROM batch_item WHERE code = '' AND type IN ('capture', 'void', 'expire') ORDER BY hold_id) i
  STRAIGHT_JOIN holds h FORCE INDEX (PRIMARY) ON h.hold_id = i.hold_id
  FOR UPDATE;
  UPDATE batch_hold h JOIN batch_note n ON n.number_1 = h.hold_id SET h.status = n.code;
END//
DELIMITER ;
