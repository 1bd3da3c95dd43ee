-- trg_user_totp_audit_update: an audit row when a second factor is enrolled, replaced or disabled; never a secret. record_id is the
-- user's. Every enrolment begins with a pending secret, so that an INSERT has nothing to tell.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_user_totp_audit_update AFTER UPDATE ON user_totp FOR EACH ROW
BEGIN
  IF NOT (OLD.confirmed_at <=> NEW.confirmed_at) THEN
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('user_totp', NEW.user_id,
      CASE WHEN OLD.confirmed_at IS NULL THEN 'ENROL' WHEN NEW.confirmed_at IS NULL THEN 'DISABLE' ELSE 'REPLACE' END,
      JSON_OBJECT('user_id', OLD.user_id, 'confirmed_at', OLD.confirmed_at),
      JSON_OBJECT('user_id', NEW.user_id, 'confirmed_at', NEW.confirmed_at),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
END//
DELIMITER ;
