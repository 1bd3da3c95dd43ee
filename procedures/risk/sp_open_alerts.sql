-- sp_open_alerts(p_scores, OUT p_opened): step of sp_record_risk_scores, inside its transaction. Opens an alert for each flagged
-- verdict of p_scores that is stored and whose transaction has none yet.
--
-- The alert is about the customer who sent (of several accounts, the one debited most), or who received where no customer sent.
-- Reversals and journals are the bank's own decision: they open none, whatever their verdict says.
--
-- actions_state becomes pending (hold and block are to do) for CRITICAL and for rules that say hold or block, when the money moved by
-- itself and lately: loaded history is none that anybody could still stop. What a person asked for over the API counts as lately whatever
-- its effective_at, which that person chose.
DELIMITER //
CREATE PROCEDURE sp_open_alerts(IN p_scores JSON, OUT p_opened INT)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_done INT DEFAULT 0;
  DECLARE v_transaction_id, v_user_id, v_debit, v_credit BIGINT UNSIGNED;
  DECLARE v_model_version INT UNSIGNED;
  DECLARE v_risk DECIMAL(5,4);
  DECLARE v_rules JSON;
  DECLARE v_can_act, v_acts INT;
  DECLARE v_lock VARCHAR(255);
  DECLARE c_flagged CURSOR FOR
    SELECT f.transaction_id, f.model_version, f.risk_score, f.debit_account_id, f.credit_account_id, a.user_id,
      f.rules_triggered,
      f.effective_at > f.posted_at - INTERVAL 1 DAY
        OR (f.card_id IS NULL AND EXISTS (SELECT 1 FROM login_activity l
          WHERE l.user_id = f.initiated_by AND l.succeeded AND l.occurred_at <= f.posted_at))
    FROM (
      SELECT t.transaction_id, t.card_id, t.initiated_by, t.effective_at, t.posted_at, s.model_version, s.risk_score,
        s.rules_triggered,
        (SELECT e.account_id FROM ledger_entries e JOIN accounts c ON c.account_id = e.account_id
          WHERE e.transaction_id = t.transaction_id AND e.amount_minor < 0 AND c.user_id IS NOT NULL
          ORDER BY e.amount_minor, e.leg LIMIT 1) AS debit_account_id,
        (SELECT e.account_id FROM ledger_entries e JOIN accounts c ON c.account_id = e.account_id
          WHERE e.transaction_id = t.transaction_id AND e.amount_minor > 0 AND c.user_id IS NOT NULL
          ORDER BY e.amount_minor DESC, e.leg LIMIT 1) AS credit_account_id
      FROM JSON_TABLE(p_scores, '$[*]' COLUMNS (
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
    ORDER BY f.transaction_id, f.model_version DESC;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = 1;

  SET p_opened = 0;
  -- Whoever writes an event holds this row until the commit, so that the ids of events ascend in the order of commits.
  SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
  OPEN c_flagged;
  flagged: LOOP
    FETCH c_flagged INTO v_transaction_id, v_model_version, v_risk, v_debit, v_credit, v_user_id, v_rules, v_can_act;
    IF v_done THEN
      LEAVE flagged;
    END IF;
    SELECT COUNT(*) INTO v_acts
    FROM JSON_TABLE(COALESCE(v_rules, '[]'), '$[*]' COLUMNS (
      action VARCHAR(16) CHARACTER SET ascii PATH '$.action',
      is_shadow INT EXISTS PATH '$.shadow',
      is_suppressed INT EXISTS PATH '$.suppressed_by'
    )) r
    WHERE r.action IN ('hold', 'block') AND r.is_shadow = 0 AND r.is_suppressed = 0;
    CALL sp_open_alert(v_transaction_id, NULL, v_model_version, v_risk, v_user_id, v_debit, v_credit,
      v_can_act = 1 AND (v_risk >= 0.8 OR v_acts > 0), NULL, p_opened);
  END LOOP;
  CLOSE c_flagged;
END//
DELIMITER ;
