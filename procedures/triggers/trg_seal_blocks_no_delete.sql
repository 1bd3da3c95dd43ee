-- trg_seal_blocks_no_delete: rows of seal_blocks are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_seal_blocks_no_delete BEFORE DELETE ON seal_blocks FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'seal_blocks is append-only'//
DELIMITER ;
