-- trg_declined_transactions_no_delete: rows of declined_transactions are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_declined_transactions_no_delete BEFORE DELETE ON declined_transactions FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'declined_transactions is append-only'//
DELIMITER ;
