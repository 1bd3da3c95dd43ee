-- trg_seal_keys_no_update: rows of seal_keys are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_seal_keys_no_update BEFORE UPDATE ON seal_keys FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'seal_keys is append-only'//
DELIMITER ;
