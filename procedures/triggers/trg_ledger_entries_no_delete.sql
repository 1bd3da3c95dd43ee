-- trg_ledger_entries_no_delete: rows of ledger_entries are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_ledger_entries_no_delete BEFORE DELETE ON ledger_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_entries is append-only'//
DELIMITER ;
