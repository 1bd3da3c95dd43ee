-- sp_open_alerts(OUT p_opened): step of sp_record_risk_scores, inside its transaction. Opens an alert for each flagged verdict of
-- @florin_scores (the parameter there) that is stored and whose transaction has none yet, and puts it into the customer's open case or
-- a new one: a few statements for all of them.
--
-- The alert is about the customer who sent (of several accounts, the one debited most), or who received where no customer sent.
-- Reversals and journals are the bank's own decision: they open none, whatever their verdict says.
--
-- actions_state becomes pending (hold and block are to do) for CRITICAL and for rules that say hold or block, when the money moved by
-- itself and lately: loaded history is none that anybody could still stop. What a person asked for over the API counts as lately whatever
-- its effective_at, which that person chose.
--
-- Priority: 1 urgent is what is acted upon (and every CRITICAL), 2 high from 0.65, 3 normal. The time until an alert is due comes from
-- the settings alert_due_minutes_urgent, alert_due_minutes_high and alert_due_minutes_normal (60, 480, 2880 where
-- that is no number).
DELIMITER //
CREATE PROCEDURE sp_open_alerts(OUT p_opened INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_lock VARCHAR(255);
  DECLARE v_urgent, v_high, v_normal INT;

  CREATE TEMPORARY TABLE IF NOT EXISTS alert_new (
    transaction_id BIGINT UNSIGNED NOT NULL,
    model_version INT UNSIGNED NOT NULL,
    risk_score DECIMAL(5,4) NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    debit_account_id BIGINT UNSIGNED,
    credit_account_id BIGINT UNSIGNED,
    can_act TINYINT NOT NULL,
    acts TINYINT NOT NULL DEFAULT 0,
    priority TINYINT UNSIGNED NOT NULL DEFAULT 3,
    due_at DATETIME(6),
    PRIMARY KEY USING BTREE (transaction_id)
  ) ENGINE=MEMORY;
  DELETE FROM alert_new;

  -- Whoever writes an event holds this row until the commit, so that the ids of events ascend in the order of commits.
  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  SELECT COALESCE(MAX(IF(setting_key = 'alert_due_minutes_urgent', CAST(setting_value AS UNSIGNED), NULL)), 60),
    COALESCE(MAX(IF(setting_key = 'alert_due_minutes_high', CAST(setting_value AS UNSIGNED), NULL)), 480),
    COALESCE(MAX(IF(setting_key = 'alert_due_minutes_normal', CAST(setting_value AS UNSIGNED), NULL)), 2880)
  INTO v_urgent, v_high, v_normal
  FROM bank_settings
  WHERE setting_key IN ('alert_due_minutes_urgent', 'alert_due_minutes_high', 'alert_due_minutes_normal')
    AND setting_value REGEXP '^[0-9]{1,6}$';

  INSERT INTO alert_new (transaction_id, model_version, risk_score, user_id, debit_account_id, credit_account_id, can_act)
  SELECT f.transaction_id, f.model_version, f.risk_score, a.user_id, f.debit_account_id, f.credit_account_id,
    f.effective_at > f.posted_at - INTERVAL 1 DAY
      OR (f.card_id IS NULL AND EXISTS (SELECT 1 FROM login_activity l
        WHERE l.user_id = f.initiated_by AND l.succeeded AND l.occurred_at <= f.posted_at))
  FROM (
    SELECT t.transaction_id, t.card_id, t.initiated_by, t.effective_at, t.posted_at, s.model_version, s.risk_score,
      (SELECT e.account_id FROM ledger_entries e JOIN accounts c ON c.account_id = e.account_id
        WHERE e.transaction_id = t.transaction_id AND e.amount_minor < 0 AND c.user_id IS NOT NULL
        ORDER BY e.amount_minor, e.leg LIMIT 1) AS debit_account_id,
      (SELECT e.account_id FROM ledger_entries e JOIN accounts c ON c.account_id = e.account_id
        WHERE e.transaction_id = t.transaction_id AND e.amount_minor > 0 AND c.user_id IS NOT NULL
        ORDER BY e.amount_minor DESC, e.leg LIMIT 1) AS credit_account_id
    FROM JSON_TABLE(@florin_scores, '$[*]' COLUMNS (
      transaction_id BIGINT UNSIGNED PATH '$[0]',
      model_version INT UNSIGNED PATH '$[1]',
      risk_score DECIMAL(8, 6) PATH '$[2]'
    )) j
    JOIN transaction_risk_scores s ON s.transaction_id = j.transaction_id AND s.model_version = j.model_version
    JOIN transactions t ON t.transaction_id = s.transaction_id
    LEFT JOIN alerts known ON known.transaction_id = t.transaction_id
    WHERE ROUND(j.risk_score, 4) >= 0.5 AND s.verdict <> 'SAFE' AND known.alert_id IS NULL
      AND t.type NOT IN ('reversal', 'journal')
  ) f
  JOIN accounts a ON a.account_id = COALESCE(f.debit_account_id, f.credit_account_id)
  ORDER BY f.transaction_id, f.model_version DESC
  -- Two model versions may flag one transaction in one call: the newer one raises the alert.
  ON DUPLICATE KEY UPDATE transaction_id = alert_new.transaction_id;

  UPDATE alert_new SET acts = can_act AND risk_score >= 0.8;
  IF JSON_CONTAINS_PATH(@florin_scores, 'one', '$[*][7][*].action') THEN
    UPDATE alert_new n
    JOIN (
      SELECT DISTINCT r.transaction_id, r.model_version
      FROM JSON_TABLE(@florin_scores, '$[*]' COLUMNS (
        transaction_id BIGINT UNSIGNED PATH '$[0]',
        model_version INT UNSIGNED PATH '$[1]',
        NESTED PATH '$[7][*]' COLUMNS (
          action VARCHAR(16) CHARACTER SET ascii PATH '$.action',
          is_shadow INT EXISTS PATH '$.shadow',
          is_suppressed INT EXISTS PATH '$.suppressed_by'
        )
      )) r
      WHERE r.action IN ('hold', 'block') AND r.is_shadow = 0 AND r.is_suppressed = 0
    ) asked ON asked.transaction_id = n.transaction_id AND asked.model_version = n.model_version
    SET n.acts = n.can_act;
  END IF;
  UPDATE alert_new SET priority = IF(acts OR risk_score >= 0.8, 1, IF(risk_score >= 0.65, 2, 3)),
    due_at = TIMESTAMPADD(MINUTE, ELT(priority, v_urgent, v_high, v_normal), v_now);

  -- The unique key on the customer of an open case makes this one statement find it or open it, whoever else does the same. The version
  -- of a case grows with its alerts: who closes it decides them all, and must have seen them.
  INSERT INTO fraud_cases (user_id, priority, opened_at, due_at)
  SELECT user_id, MIN(priority), v_now, MIN(due_at) FROM alert_new GROUP BY user_id ORDER BY user_id
  ON DUPLICATE KEY UPDATE priority = LEAST(fraud_cases.priority, VALUES(priority)),
    due_at = LEAST(fraud_cases.due_at, VALUES(due_at)), version = fraud_cases.version + 1;
  -- The case that is new has no events.
  INSERT INTO case_events (case_id, event, occurred_at)
  SELECT c.case_id, 'opened', v_now
  FROM (SELECT DISTINCT user_id FROM alert_new) n
  JOIN fraud_cases c ON c.open_user_id = n.user_id
  WHERE NOT EXISTS (SELECT 1 FROM case_events e WHERE e.case_id = c.case_id)
  ORDER BY c.case_id;

  INSERT INTO alerts (transaction_id, model_version, case_id, assigned_to, user_id, debit_account_id, credit_account_id, verdict,
    risk_score, priority, actions_state, is_acting, alert_raised_at, due_at)
  SELECT n.transaction_id, n.model_version, c.case_id, c.assigned_to, n.user_id, n.debit_account_id, n.credit_account_id,
    IF(n.risk_score >= 0.8, 'CRITICAL', 'SUSPICIOUS'), n.risk_score, n.priority, IF(n.acts, 'pending', 'none'), n.acts, v_now, n.due_at
  FROM alert_new n JOIN fraud_cases c ON c.open_user_id = n.user_id
  ORDER BY n.transaction_id;
  SET p_opened = ROW_COUNT();
  INSERT INTO case_events (case_id, alert_id, transaction_id, event, occurred_at)
  SELECT a.case_id, a.alert_id, a.transaction_id, 'alert_raised', v_now
  FROM alert_new n JOIN alerts a ON a.transaction_id = n.transaction_id
  ORDER BY a.alert_id;
END//
DELIMITER ;
