-- trg_transactions_no_delete: rows of transactions are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_transactions_no_delete BEFORE DELETE ON transactions FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'transactions is append-only'//
DELIMITER ;
