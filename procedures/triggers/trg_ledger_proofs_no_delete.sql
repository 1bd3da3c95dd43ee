-- trg_ledger_proofs_no_delete: rows of ledger_proofs are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_ledger_proofs_no_delete BEFORE DELETE ON ledger_proofs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'ledger_proofs is append-only'//
DELIMITER ;
