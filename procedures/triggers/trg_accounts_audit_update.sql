-- trg_accounts_audit_update: a JSON audit row for every UPDATE on accounts.
--
-- Who and from where come from the session variables @florin_actor_user_id, @florin_ip_address and @florin_request_id, which the
-- API sets around a change; the database user stands beside them, so that a change at an SQL prompt is named too.
--
-- A balance that moves together with its version is a posting or a hold, which ledger_entries and hold_events already record;
-- everything else on an account, a raw change of its balance included, is written here. A reason given in @florin_change_reason is
-- kept beside the new values: without a variable of its own, because this trigger fires in every posting, and converted, because
-- MySQL takes a session variable that was NULL at first for bytes.
DELIMITER //
CREATE TRIGGER trg_accounts_audit_update AFTER UPDATE ON accounts FOR EACH ROW
BEGIN
  IF NOT (NEW.version > OLD.version AND NEW.account_id <=> OLD.account_id AND NEW.account_number <=> OLD.account_number AND NEW.user_id <=> OLD.user_id AND NEW.account_type <=> OLD.account_type
    AND NEW.currency <=> OLD.currency AND NEW.overdraft_limit_minor <=> OLD.overdraft_limit_minor AND NEW.status <=> OLD.status AND NEW.closed_at <=> OLD.closed_at
    AND NEW.debit_block <=> OLD.debit_block) THEN
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('accounts', NEW.account_id, 'UPDATE',
      JSON_OBJECT('account_id', OLD.account_id, 'account_number', OLD.account_number, 'user_id', OLD.user_id,
        'account_type', OLD.account_type, 'currency', OLD.currency, 'balance_minor', OLD.balance_minor,
        'held_minor', OLD.held_minor, 'overdraft_limit_minor', OLD.overdraft_limit_minor, 'status', OLD.status,
        'last_account_seq', OLD.last_account_seq, 'closed_at', OLD.closed_at,
        'debit_block', OLD.debit_block),
      JSON_REMOVE(JSON_OBJECT('account_id', NEW.account_id, 'account_number', NEW.account_number, 'user_id', NEW.user_id,
        'account_type', NEW.account_type, 'currency', NEW.currency, 'balance_minor', NEW.balance_minor,
        'held_minor', NEW.held_minor, 'overdraft_limit_minor', NEW.overdraft_limit_minor, 'status', NEW.status,
        'last_account_seq', NEW.last_account_seq, 'closed_at', NEW.closed_at,
        'debit_block', NEW.debit_block, 'reason', CONVERT(@florin_change_reason USING utf8mb4)), IF(@florin_change_reason IS NULL, '$.reason', '$.none')),
      @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF;
END//
DELIMITER ;
