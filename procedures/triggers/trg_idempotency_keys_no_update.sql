-- trg_idempotency_keys_no_update: rows of idempotency_keys are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_idempotency_keys_no_update BEFORE UPDATE ON idempotency_keys FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'idempotency_keys is append-only'//
DELIMITER ;
