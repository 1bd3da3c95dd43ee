-- trg_seal_blocks_no_update: rows of seal_blocks are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_seal_blocks_no_update BEFORE UPDATE ON seal_blocks FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'seal_blocks is append-only'//
DELIMITER ;
