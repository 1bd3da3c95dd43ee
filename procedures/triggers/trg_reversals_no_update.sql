-- trg_reversals_no_update: rows of reversals are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_reversals_no_update BEFORE UPDATE ON reversals FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'reversals is append-only'//
DELIMITER ;
