-- sp_alert_decline(p_declined_id, …, INOUT p_opened): opens one alert about what was declined, and puts it into the customer's open case or a
-- new one. A step of sp_alert_declines, inside its transaction; what was posted goes by sp_open_alerts. p_detail goes into the event.
--
-- Priority: 1 urgent is what is acted upon (and every CRITICAL), 2 high from 0.65, 3 normal. The time until an alert is due comes from
-- the settings alert_due_minutes_urgent, alert_due_minutes_high and alert_due_minutes_normal (60, 480, 2880 where
-- that is no number).
DELIMITER //
CREATE PROCEDURE sp_alert_decline(IN p_declined_id BIGINT UNSIGNED, IN p_risk_score DECIMAL(5,4), IN p_user_id BIGINT UNSIGNED,
  IN p_debit_account_id BIGINT UNSIGNED, IN p_credit_account_id BIGINT UNSIGNED, IN p_acts BOOLEAN, IN p_detail JSON,
  INOUT p_opened INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_due_at DATETIME(6);
  DECLARE v_priority, v_minutes INT DEFAULT NULL;
  DECLARE v_case_id, v_alert_id BIGINT UNSIGNED;
  DECLARE v_is_new BOOLEAN;

  SET v_priority = IF(p_acts OR p_risk_score >= 0.8, 1, IF(p_risk_score >= 0.65, 2, 3));
  SET v_minutes = COALESCE(
    (SELECT CAST(setting_value AS UNSIGNED) FROM bank_settings
     WHERE setting_key = ELT(v_priority, 'alert_due_minutes_urgent', 'alert_due_minutes_high', 'alert_due_minutes_normal')
       AND setting_value REGEXP '^[0-9]{1,6}$'),
    ELT(v_priority, 60, 480, 2880));
  SET v_due_at = TIMESTAMPADD(MINUTE, v_minutes, v_now);

  -- The unique key on the customer of an open case makes this one statement find it or open it, whoever else does the same. The version
  -- of a case grows with its alerts: who closes it decides them all, and must have seen them.
  INSERT INTO fraud_cases (user_id, priority, opened_at, due_at) VALUES (p_user_id, v_priority, v_now, v_due_at)
  ON DUPLICATE KEY UPDATE case_id = LAST_INSERT_ID(case_id), priority = LEAST(priority, VALUES(priority)),
    due_at = LEAST(due_at, VALUES(due_at)), version = version + 1;
  SET v_is_new = ROW_COUNT() = 1;
  SET v_case_id = LAST_INSERT_ID();

  -- Version 0: rules, or a judgement of which no version was kept.
  INSERT INTO alerts (declined_id, model_version, case_id, assigned_to, user_id, debit_account_id, credit_account_id, verdict,
    risk_score, priority, actions_state, is_acting, alert_raised_at, due_at)
  SELECT p_declined_id, 0, case_id, assigned_to, p_user_id, p_debit_account_id, p_credit_account_id,
    IF(p_risk_score >= 0.8, 'CRITICAL', 'SUSPICIOUS'), p_risk_score, v_priority, IF(p_acts, 'pending', 'none'), p_acts, v_now, v_due_at
  FROM fraud_cases WHERE case_id = v_case_id;
  SET v_alert_id = LAST_INSERT_ID();

  IF v_is_new THEN
    INSERT INTO case_events (case_id, event, occurred_at) VALUES (v_case_id, 'opened', v_now);
  END IF;
  INSERT INTO case_events (case_id, alert_id, event, detail, occurred_at)
  VALUES (v_case_id, v_alert_id, 'alert_raised', p_detail, v_now);
  SET p_opened = p_opened + 1;
END//
DELIMITER ;
