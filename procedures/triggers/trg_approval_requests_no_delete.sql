-- trg_approval_requests_no_delete: what was asked for stays to be read, whoever asks.
DELIMITER //
CREATE TRIGGER trg_approval_requests_no_delete BEFORE DELETE ON approval_requests FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'approval_requests are not deleted'//
DELIMITER ;
