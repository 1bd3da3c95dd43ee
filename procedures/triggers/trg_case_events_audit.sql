-- trg_case_events_audit: what a person does to an alert or a case is in the audit log as well, with the address and the request that it
-- came from. What follows of it by itself (held, blocked, settled) is written there where it changes an account.
--
-- JSON_EXTRACT makes one engine take the detail for JSON, and not for a text.
DELIMITER //
CREATE TRIGGER trg_case_events_audit AFTER INSERT ON case_events FOR EACH ROW
  IF NEW.actor_user_id IS NOT NULL AND NEW.event <> 'settled' THEN
    INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
      request_id)
    VALUES ('fraud_cases', NEW.case_id, 'UPDATE', NULL,
      JSON_OBJECT('event', NEW.event, 'alert_id', NEW.alert_id, 'transaction_id', NEW.transaction_id,
        'detail', JSON_EXTRACT(NEW.detail, '$')),
      NEW.actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  END IF//
DELIMITER ;
