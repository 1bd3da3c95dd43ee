-- sp_close_period(p_until): closes the books before p_until (UTC). Nothing can be back-dated to before it any more.
--
-- Waits for back-dated postings under way, which hold a shared lock on the same row. Others hold none: they bear the time at which
-- they had their locks and may commit later, so the books can be closed up to ten minutes ago, more than a batch can take. A closed
-- period stays closed.
-- Errors (45000): PERIOD_IN_FUTURE, PERIOD_ALREADY_CLOSED.
-- Example: CALL sp_close_period('2026-01-01 00:00:00');
DELIMITER //
CREATE PROCEDURE sp_close_period(IN p_until DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_closed_until DATETIME(6);
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  SELECT CAST(setting_value AS DATETIME(6)) INTO v_closed_until
  FROM bank_settings WHERE setting_key = 'books_closed_until' FOR UPDATE;
  IF p_until > UTC_TIMESTAMP(6) - INTERVAL 10 MINUTE THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'PERIOD_IN_FUTURE';
  END IF;
  IF p_until <= v_closed_until THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'PERIOD_ALREADY_CLOSED';
  END IF;
  UPDATE bank_settings SET setting_value = DATE_FORMAT(p_until, '%Y-%m-%d %H:%i:%s.%f'), updated_by = @florin_actor_user_id
  WHERE setting_key = 'books_closed_until';
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('bank_settings', NULL, 'UPDATE', JSON_OBJECT('books_closed_until', v_closed_until),
    JSON_OBJECT('books_closed_until', p_until), @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
