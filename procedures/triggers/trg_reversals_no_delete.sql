-- trg_reversals_no_delete: rows of reversals are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_reversals_no_delete BEFORE DELETE ON reversals FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'reversals is append-only'//
DELIMITER ;
