-- trg_users_new_name: who takes another name is no longer verified under it. Limits, and the look at names under sanctions, rest on
-- a name that somebody has checked; a customer may change his own at any time.
DELIMITER //
CREATE TRIGGER trg_users_new_name BEFORE UPDATE ON users FOR EACH ROW
BEGIN
  IF NEW.full_name <> OLD.full_name AND OLD.kyc_status = 'verified' THEN
    SET NEW.kyc_status = 'pending';
  END IF;
END//
DELIMITER ;
