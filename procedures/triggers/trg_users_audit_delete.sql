-- trg_users_audit_delete: a JSON audit row for every DELETE on users.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_users_audit_delete AFTER DELETE ON users FOR EACH ROW
BEGIN
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('users', OLD.user_id, 'DELETE',
    JSON_OBJECT('user_id', OLD.user_id, 'username', OLD.username, 'email', OLD.email,
      'full_name', OLD.full_name, 'date_of_birth', OLD.date_of_birth, 'phone_number', OLD.phone_number,
      'role', OLD.role, 'kyc_status', OLD.kyc_status, 'is_active', OLD.is_active),
    NULL,
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
END//
DELIMITER ;
