-- trg_system_audit_logs_no_delete: rows of system_audit_logs are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_system_audit_logs_no_delete BEFORE DELETE ON system_audit_logs FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'system_audit_logs is append-only'//
DELIMITER ;
