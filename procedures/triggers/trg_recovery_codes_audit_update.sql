-- trg_recovery_codes_audit_update: an audit row when a recovery code is used; never the code. record_id is the user's.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_recovery_codes_audit_update AFTER UPDATE ON recovery_codes FOR EACH ROW
BEGIN
  IF OLD.used_at IS NULL AND NEW.used_at IS NOT NULL THEN
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('recovery_codes', NEW.user_id, 'USE', NULL,
      JSON_OBJECT('user_id', NEW.user_id, 'created_at', NEW.created_at, 'used_at', NEW.used_at),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
END//
DELIMITER ;
