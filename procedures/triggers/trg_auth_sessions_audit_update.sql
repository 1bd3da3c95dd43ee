-- trg_auth_sessions_audit_update: a JSON audit row for every session that somebody ended, other than its own user by logging out.
-- record_id is the user's.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_auth_sessions_audit_update AFTER UPDATE ON auth_sessions FOR EACH ROW
BEGIN
  IF OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND COALESCE(NEW.revoked_reason, '') <> 'logout' THEN
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('auth_sessions', NEW.user_id, 'REVOKE',
      JSON_OBJECT('session_id', OLD.session_id, 'ip_address', OLD.ip_address, 'user_agent', OLD.user_agent,
        'created_at', OLD.created_at, 'last_used_at', OLD.last_used_at),
      JSON_OBJECT('session_id', NEW.session_id, 'revoked_reason', NEW.revoked_reason),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
END//
DELIMITER ;
