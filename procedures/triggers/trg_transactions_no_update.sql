-- trg_transactions_no_update: rows of transactions are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_transactions_no_update BEFORE UPDATE ON transactions FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'transactions is append-only'//
DELIMITER ;
