-- trg_accounts_no_delete: accounts are closed, never deleted.
DELIMITER //
CREATE TRIGGER trg_accounts_no_delete BEFORE DELETE ON accounts FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'accounts are closed, not deleted'//
DELIMITER ;
