-- sp_batch_give_back(p_request_no, p_code): undoes what the items of a linked request have taken so far, of which one failed with
-- p_code, and declines them all. When p_code is not remembered, they are not either: they lose their keys.
DELIMITER //
CREATE PROCEDURE sp_batch_give_back(IN p_request_no INT UNSIGNED,
  IN p_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin)
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq, number_1, number_2)
  SELECT a.account_id, a.account_id, SUM(l.amount_minor - l.held_delta_minor)
  FROM batch_item i
  JOIN batch_leg l ON l.seq = i.seq
  JOIN batch_account a ON a.account_id = l.account_id
  WHERE i.request_no = p_request_no AND i.is_linked = 1 AND i.is_careful = 1 AND i.code = 'OK' AND i.is_replayed = 0
    AND a.is_risky = 1
  GROUP BY a.account_id;
  UPDATE batch_account a JOIN batch_note n ON n.number_1 = a.account_id SET a.available_minor = a.available_minor - n.number_2;
  UPDATE batch_hold h JOIN batch_item i ON i.seq = h.taken_by SET h.taken_by = NULL
  WHERE i.request_no = p_request_no AND i.is_linked = 1;
  UPDATE batch_original o JOIN batch_item i ON i.seq = o.taken_by SET o.taken_by = NULL
  WHERE i.request_no = p_request_no AND i.is_linked = 1;
  UPDATE batch_item
  SET code = 'LINKED_FAILED', idempotency_key = IF(p_code = 'HOLD_NOT_EXPIRED', NULL, idempotency_key)
  WHERE request_no = p_request_no AND is_linked = 1 AND code IN ('', 'OK') AND is_replayed = 0;
END//
DELIMITER ;
