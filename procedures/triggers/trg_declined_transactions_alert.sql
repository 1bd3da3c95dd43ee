-- trg_declined_transactions_alert: what the fraud engine or the block-list declined waits for its alert, which sp_alert_declines opens.
DELIMITER //
CREATE TRIGGER trg_declined_transactions_alert AFTER INSERT ON declined_transactions FOR EACH ROW
  IF NEW.code IN ('BLOCKED', 'RISK_DECLINED') THEN
    INSERT INTO declines_to_alert (declined_id) VALUES (NEW.declined_id);
  END IF//
DELIMITER ;
