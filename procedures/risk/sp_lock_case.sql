-- sp_lock_case(p_case_id, p_version): begins a change of an open case, inside the caller's transaction: locks the order of events, then
-- the case. p_version is the one the analyst has seen, NULL where the change does not depend on it. Nobody works on the own case.
-- Errors (45000), in this order: CASE_NOT_FOUND, CASE_CLOSED, OWN_AFFAIR, VERSION_CONFLICT.
DELIMITER //
CREATE PROCEDURE sp_lock_case(IN p_case_id BIGINT UNSIGNED, IN p_version INT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_status VARCHAR(12) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_version INT UNSIGNED;
  DECLARE v_user_id BIGINT UNSIGNED;
  DECLARE v_lock VARCHAR(255);

  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  SELECT status, version, user_id INTO v_status, v_version, v_user_id FROM fraud_cases WHERE case_id = p_case_id FOR UPDATE;
  IF v_status IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'CASE_NOT_FOUND';
  END IF;
  IF v_status = 'closed' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'CASE_CLOSED';
  END IF;
  IF v_user_id = @florin_actor_user_id THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'OWN_AFFAIR';
  END IF;
  IF v_version <> p_version THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'VERSION_CONFLICT';
  END IF;
END//
DELIMITER ;
