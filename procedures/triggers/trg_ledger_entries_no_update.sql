-- trg_ledger_entries_no_update: rows of ledger_entries are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_ledger_entries_no_update BEFORE UPDATE ON ledger_entries FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_entries is append-only'//
DELIMITER ;
