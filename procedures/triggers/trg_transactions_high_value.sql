-- trg_transactions_high_value: flags a transaction above its currency's threshold (currencies.high_value_minor).
DELIMITER //
CREATE TRIGGER trg_transactions_high_value BEFORE INSERT ON transactions FOR EACH ROW
  SET NEW.is_high_value =
    NEW.amount_minor > COALESCE((SELECT high_value_minor FROM currencies WHERE currency = NEW.currency), NEW.amount_minor)//
DELIMITER ;
