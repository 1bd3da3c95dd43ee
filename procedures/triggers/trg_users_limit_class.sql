-- trg_users_limit_class: another role or KYC status of a customer brings his accounts the limits of that class.
--
-- The version grows with it, so that the change, which the audit row of the user tells, is not audited once more for each account.
DELIMITER //
CREATE TRIGGER trg_users_limit_class AFTER UPDATE ON users FOR EACH ROW
BEGIN
  DECLARE v_class SMALLINT UNSIGNED;

  IF NOT (NEW.role <=> OLD.role AND NEW.kyc_status <=> OLD.kyc_status) THEN
    SELECT COALESCE(MAX(class_bit), 0) INTO v_class FROM customer_limits WHERE role = NEW.role AND kyc_status = NEW.kyc_status;
    UPDATE accounts SET limit_class = v_class, version = version + 1 WHERE user_id = NEW.user_id AND limit_class <> 32768;
  END IF;
END//
DELIMITER ;
