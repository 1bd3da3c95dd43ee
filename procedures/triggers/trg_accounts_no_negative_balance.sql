-- trg_accounts_no_negative_balance: available funds of a customer's account never go below zero, not even under a raw UPDATE.
--
-- Raising the balance of an account that is below zero already is let through: repayments must work.
-- Error: 45000 INSUFFICIENT_FUNDS.
DELIMITER //
CREATE TRIGGER trg_accounts_no_negative_balance BEFORE UPDATE ON accounts FOR EACH ROW
BEGIN
  -- Two steps, because MariaDB prepares the whole of a condition anew for each row.
  IF NEW.balance_minor - NEW.held_minor + NEW.overdraft_limit_minor < 0 THEN
    IF NEW.user_id IS NOT NULL AND NEW.balance_minor - NEW.held_minor + NEW.overdraft_limit_minor
         < OLD.balance_minor - OLD.held_minor + OLD.overdraft_limit_minor THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'INSUFFICIENT_FUNDS: available balance would go below zero';
    END IF;
  END IF;
END//
DELIMITER ;
