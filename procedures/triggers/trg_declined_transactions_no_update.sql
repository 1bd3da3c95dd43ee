-- trg_declined_transactions_no_update: rows of declined_transactions are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_declined_transactions_no_update BEFORE UPDATE ON declined_transactions FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'declined_transactions is append-only'//
DELIMITER ;
