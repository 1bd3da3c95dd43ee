-- trg_transactions_high_value: flags a transaction above its currency's threshold (currencies.high_value_minor).
--
-- sp_batch_write, which looks the threshold up once a batch, says -1 of a transaction that it found to be below: a look-up for each
-- row made every tenth of a batch. Whatever else is inserted is judged here.
DELIMITER //
CREATE TRIGGER trg_transactions_high_value BEFORE INSERT ON transactions FOR EACH ROW
BEGIN
  IF NEW.is_high_value = -1 THEN
    SET NEW.is_high_value = 0;
  ELSE
    SET NEW.is_high_value =
      NEW.amount_minor > COALESCE((SELECT high_value_minor FROM currencies WHERE currency = NEW.currency), NEW.amount_minor);
  END IF;
END//
DELIMITER ;
