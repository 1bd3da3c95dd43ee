-- trg_system_audit_logs_no_update: rows of system_audit_logs are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_system_audit_logs_no_update BEFORE UPDATE ON system_audit_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'system_audit_logs is append-only'//
DELIMITER ;
