-- trg_users_audit_update: a JSON audit row for every UPDATE on users.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_users_audit_update AFTER UPDATE ON users FOR EACH ROW
BEGIN
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('users', NEW.user_id, 'UPDATE',
    JSON_OBJECT('user_id', OLD.user_id, 'username', OLD.username, 'email', OLD.email,
      'full_name', OLD.full_name, 'date_of_birth', OLD.date_of_birth, 'phone_number', OLD.phone_number,
      'role', OLD.role, 'kyc_status', OLD.kyc_status, 'is_active', OLD.is_active),
    JSON_OBJECT('user_id', NEW.user_id, 'username', NEW.username, 'email', NEW.email,
      'full_name', NEW.full_name, 'date_of_birth', NEW.date_of_birth, 'phone_number', NEW.phone_number,
      'role', NEW.role, 'kyc_status', NEW.kyc_status, 'is_active', NEW.is_active),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
END//
DELIMITER ;
