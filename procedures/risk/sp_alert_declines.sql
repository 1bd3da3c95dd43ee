-- sp_alert_declines(): opens alerts for what the fraud engine or the block-list declined since the last call, 200 at most. Returns one
-- row: alerts, and attempts, which joined an open alert.
--
-- The posting only notes the decline (trg_declined_transactions_alert): it must not wait for the order of events. The alert is about
-- the customer who asked, and joins that customer's open case. Another attempt of the same account by the same code, while its
-- alert is open, is an event of that alert, the first ten of them: a card that is tried a thousand times is one thing to look at, and
-- must not fill the feed of every analyst. All of them stand in declined_transactions.
--
-- RISK_DECLINED does what CRITICAL does to the sender, who may not send until reviewed. BLOCKED was decided by the bank before,
-- and blocks nothing more. Its risk is the floor of the rule of the block-list.
-- Example: CALL sp_alert_declines();
DELIMITER //
CREATE PROCEDURE sp_alert_declines()
SQL SECURITY DEFINER
BEGIN
  DECLARE v_done INT DEFAULT 0;
  DECLARE v_alerts, v_attempts, v_told INT DEFAULT 0;
  DECLARE v_declined_id, v_user_id, v_debit, v_credit, v_alert_id, v_case_id BIGINT UNSIGNED;
  DECLARE v_code VARCHAR(32) CHARACTER SET ascii;
  DECLARE v_risk DECIMAL(5,4);
  DECLARE v_detail JSON;
  DECLARE v_lock VARCHAR(255);
  DECLARE c_decline CURSOR FOR
    SELECT d.declined_id, d.code, COALESCE(d.risk_score, 0.95), COALESCE(own.user_id, other.user_id),
      CASE WHEN d.type IN ('deposit', 'refund') THEN other.account_id ELSE own.account_id END,
      CASE WHEN d.type IN ('deposit', 'refund') THEN own.account_id ELSE other.account_id END,
      JSON_OBJECT('declined_id', CAST(d.declined_id AS CHAR), 'code', d.code, 'type', d.type,
        'amount_minor', CAST(d.amount_minor AS CHAR), 'currency', d.currency)
    FROM declines_to_alert w
    JOIN declined_transactions d ON d.declined_id = w.declined_id
    LEFT JOIN accounts own ON own.account_id = d.account_id AND own.user_id IS NOT NULL
    LEFT JOIN accounts other ON other.account_id = d.counterparty_account_id AND other.user_id IS NOT NULL
    ORDER BY d.declined_id LIMIT 200;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = 1;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  IF EXISTS (SELECT 1 FROM declines_to_alert) THEN
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    START TRANSACTION;
    SELECT setting_value INTO v_lock FROM bank_settings WHERE setting_key = 'case_events_order' FOR UPDATE;
    OPEN c_decline;
    declines: LOOP
      FETCH c_decline INTO v_declined_id, v_code, v_risk, v_user_id, v_debit, v_credit, v_detail;
      IF v_done THEN
        LEAVE declines;
      END IF;
      SET v_alert_id = NULL;
      SELECT MAX(a.alert_id) INTO v_alert_id
      FROM alerts a JOIN declined_transactions x ON x.declined_id = a.declined_id
      WHERE a.user_id = v_user_id AND a.is_open AND a.debit_account_id <=> v_debit AND x.code = v_code;
      IF v_alert_id IS NOT NULL THEN
        SELECT case_id INTO v_case_id FROM alerts WHERE alert_id = v_alert_id;
        SELECT COUNT(*) INTO v_told FROM case_events
        WHERE case_id = v_case_id AND alert_id = v_alert_id AND event = 'attempt_declined';
        IF v_told < 10 THEN
          INSERT INTO case_events (case_id, alert_id, event, detail, occurred_at)
          VALUES (v_case_id, v_alert_id, 'attempt_declined', v_detail, UTC_TIMESTAMP(6));
        END IF;
        SET v_attempts = v_attempts + 1;
      ELSEIF v_user_id IS NOT NULL THEN
        CALL sp_alert_decline(v_declined_id, v_risk, v_user_id, v_debit, v_credit, v_code = 'RISK_DECLINED', v_detail, v_alerts);
      END IF;
      DELETE FROM declines_to_alert WHERE declined_id = v_declined_id;
    END LOOP;
    CLOSE c_decline;
    COMMIT;
  END IF;
  SELECT v_alerts AS alerts, v_attempts AS attempts;
END//
DELIMITER ;
