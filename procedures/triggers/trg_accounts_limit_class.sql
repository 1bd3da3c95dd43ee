-- trg_accounts_limit_class: a new account bears the class of limits of its owner, who may have limits of his own (32768).
DELIMITER //
CREATE TRIGGER trg_accounts_limit_class BEFORE INSERT ON accounts FOR EACH ROW
BEGIN
  IF NEW.user_id IS NOT NULL THEN
    SET NEW.limit_class = COALESCE(
      (SELECT MAX(32768) FROM customer_limits WHERE user_id = NEW.user_id),
      (SELECT MAX(l.class_bit) FROM users u JOIN customer_limits l ON l.role = u.role AND l.kyc_status = u.kyc_status
       WHERE u.user_id = NEW.user_id), 0);
  END IF;
END//
DELIMITER ;
