-- sp_determine_alert(p_alert_id, p_label, p_reverse, p_freeze_receiver, p_note): closes one open alert with its label, inside the
-- caller's transaction, which has locked the alert and the order of events. A label of fraud or of no fraud is written to
-- fraud_labels, from which the models learn; it replaces what stood there.
--
-- Nobody decides about themselves or their own accounts, on either side. Errors (45000): OWN_AFFAIR.
--
-- The money of a payment or a withdrawal has left the bank: it comes back only when p_reverse asks for it. Of what was declined there is
-- no money to bring back, and no transaction to label.
DELIMITER //
CREATE PROCEDURE sp_determine_alert(IN p_alert_id BIGINT UNSIGNED, IN p_label VARCHAR(16) CHARACTER SET ascii, IN p_reverse BOOLEAN,
  IN p_freeze_receiver BOOLEAN, IN p_note VARCHAR(2000))
SQL SECURITY DEFINER
BEGIN
  DECLARE v_now DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_actor BIGINT UNSIGNED DEFAULT @florin_actor_user_id;
  DECLARE v_case_id, v_transaction_id BIGINT UNSIGNED;

  IF EXISTS (SELECT 1 FROM alerts WHERE alert_id = p_alert_id AND user_id = v_actor)
    OR EXISTS (SELECT 1 FROM alerts a JOIN accounts c ON c.account_id IN (a.debit_account_id, a.credit_account_id)
      WHERE a.alert_id = p_alert_id AND c.user_id = v_actor) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'OWN_AFFAIR';
  END IF;
  SELECT case_id, transaction_id INTO v_case_id, v_transaction_id FROM alerts WHERE alert_id = p_alert_id;
  UPDATE alerts
  SET status = 'closed', label = p_label, determination_at = v_now, determined_by = v_actor, version = version + 1,
    is_reversal_wanted = p_label = 'confirmed_fraud' AND transaction_id IS NOT NULL AND COALESCE(p_reverse, credit_account_id IS NOT NULL),
    is_receiver_frozen = p_label = 'confirmed_fraud' AND COALESCE(p_freeze_receiver, FALSE) AND credit_account_id IS NOT NULL,
    actions_state = CASE WHEN p_label = 'confirmed_fraud' THEN 'confirming' WHEN actions_state = 'none' THEN 'none'
      ELSE 'releasing' END
  WHERE alert_id = p_alert_id;
  IF p_label <> 'inconclusive' AND v_transaction_id IS NOT NULL THEN
    INSERT INTO fraud_labels (transaction_id, is_fraud, source, labelled_by, labelled_at)
    VALUES (v_transaction_id, p_label = 'confirmed_fraud', 'analyst', v_actor, v_now)
    ON DUPLICATE KEY UPDATE is_fraud = VALUES(is_fraud), source = VALUES(source), labelled_by = VALUES(labelled_by),
      labelled_at = VALUES(labelled_at);
  END IF;
  INSERT INTO case_events (case_id, alert_id, transaction_id, event, actor_user_id, detail, occurred_at)
  VALUES (v_case_id, p_alert_id, v_transaction_id, IF(p_label = 'confirmed_fraud', 'confirmed', 'released'), v_actor,
    IF(p_note IS NULL, JSON_OBJECT('label', p_label), JSON_OBJECT('label', p_label, 'note', p_note)), v_now);
END//
DELIMITER ;
