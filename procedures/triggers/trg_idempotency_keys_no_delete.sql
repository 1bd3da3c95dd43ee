-- trg_idempotency_keys_no_delete: rows of idempotency_keys are never deleted, whoever asks: a key has one effect, ever.
DELIMITER //
CREATE TRIGGER trg_idempotency_keys_no_delete BEFORE DELETE ON idempotency_keys FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'idempotency_keys is append-only'//
DELIMITER ;
