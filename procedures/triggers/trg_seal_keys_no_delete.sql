-- trg_seal_keys_no_delete: rows of seal_keys are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_seal_keys_no_delete BEFORE DELETE ON seal_keys FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'seal_keys is append-only'//
DELIMITER ;
