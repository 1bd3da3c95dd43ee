-- trg_ledger_proofs_no_update: rows of ledger_proofs are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_ledger_proofs_no_update BEFORE UPDATE ON ledger_proofs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_proofs is append-only'//
DELIMITER ;
