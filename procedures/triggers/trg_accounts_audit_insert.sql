-- trg_accounts_audit_insert: a JSON audit row for every INSERT on accounts.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
DELIMITER //
CREATE TRIGGER trg_accounts_audit_insert AFTER INSERT ON accounts FOR EACH ROW
BEGIN
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('accounts', NEW.account_id, 'INSERT',
    NULL,
    JSON_OBJECT('account_id', NEW.account_id, 'account_number', NEW.account_number, 'user_id', NEW.user_id,
      'account_type', NEW.account_type, 'currency', NEW.currency, 'balance_minor', NEW.balance_minor,
      'held_minor', NEW.held_minor, 'overdraft_limit_minor', NEW.overdraft_limit_minor, 'status', NEW.status,
      'last_account_seq', NEW.last_account_seq, 'closed_at', NEW.closed_at),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
END//
DELIMITER ;
