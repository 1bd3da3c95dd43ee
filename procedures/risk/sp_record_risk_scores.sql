-- sp_record_risk_scores(p_scores): writes verdicts of the worker and, in the same transaction, opens an alert for each flagged one.
-- Idempotent: a second verdict of the same model version on the same transaction is dropped, and a transaction has one alert, ever.
-- Returns one row: recorded, the number of new verdicts, and alerts, the number of alerts opened. Any error but a known verdict
-- fails the call, and nothing is written.
--
-- p_scores is a JSON array of arrays: transaction_id, model_version, risk_score (0 to 1), raw_score or null, p_value or null, degraded
-- (0 or 1), features (a text, stored as it is), and where there are any: rules, an array of {"rule", "version", "action"} or null, and
-- reasons, an array of {"kind", "name", "text", "share"}. src/risk/verdict-record.ts writes it. A flagged verdict with a rule whose
-- action is hold or block (and that is neither in shadow nor suppressed) does what CRITICAL does. The verdict follows from the score:
-- SAFE below 0.5, SUSPICIOUS from 0.5, CRITICAL from 0.8. Scores of transactions that do not exist are dropped.
-- Example: CALL sp_record_risk_scores('[[5, 1, 0.92, null, null, 0, "{\\"amount\\":15000}"]]');
DELIMITER //
CREATE PROCEDURE sp_record_risk_scores(IN p_scores LONGTEXT CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_recorded INT UNSIGNED DEFAULT NULL;
  DECLARE v_inserted, v_alerts, v_tries INT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  -- One engine writes the values of parameters into the text of each statement that it logs: not that of a session's variable.
  SET @florin_scores = p_scores;
  WHILE v_recorded IS NULL DO
    BEGIN
      -- Another worker recorded one of these verdicts in between: nothing was written, and the next try sees that one.
      DECLARE EXIT HANDLER FOR 1062
      BEGIN
        ROLLBACK;
        SET v_tries = v_tries + 1;
        IF v_tries > 10 THEN
          RESIGNAL;
        END IF;
      END;
      SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
      START TRANSACTION;
      -- A flagged verdict leaves its transaction's id in LAST_INSERT_ID() on its way: to look for one costs the others nothing.
      DO LAST_INSERT_ID(0);
      INSERT INTO transaction_risk_scores (transaction_id, model_version, risk_score, verdict, raw_score, p_value, features_used,
        rules_triggered, reasons, is_degraded, scored_at)
      SELECT t.transaction_id, j.model_version, LEAST(GREATEST(j.risk_score, 0), 1),
        CASE WHEN ROUND(j.risk_score, 4) < 0.5 THEN 'SAFE' WHEN LAST_INSERT_ID(t.transaction_id) = 0 THEN NULL
          WHEN ROUND(j.risk_score, 4) < 0.8 THEN 'SUSPICIOUS' ELSE 'CRITICAL' END,
        j.raw_score, j.p_value, COALESCE(j.features, '{}'), IF(JSON_TYPE(j.rules) = 'ARRAY', j.rules, NULL),
        IF(JSON_TYPE(j.reasons) = 'ARRAY', j.reasons, NULL), COALESCE(j.degraded, 0), UTC_TIMESTAMP(6)
      FROM JSON_TABLE(@florin_scores, '$[*]' COLUMNS (
        seq FOR ORDINALITY,
        transaction_id BIGINT UNSIGNED PATH '$[0]',
        model_version INT UNSIGNED PATH '$[1]',
        risk_score DECIMAL(8, 6) PATH '$[2]',
        raw_score DOUBLE PATH '$[3]',
        p_value DOUBLE PATH '$[4]',
        degraded TINYINT PATH '$[5]',
        features TEXT CHARACTER SET utf8mb4 PATH '$[6]',
        rules JSON PATH '$[7]',
        reasons JSON PATH '$[8]'
      )) j
      STRAIGHT_JOIN transactions t ON t.transaction_id = j.transaction_id
      LEFT JOIN transaction_risk_scores r ON r.transaction_id = j.transaction_id AND r.model_version = j.model_version
      WHERE r.transaction_id IS NULL AND j.risk_score IS NOT NULL AND j.model_version IS NOT NULL
        -- Looking for repeats within a call costs a third of it, and the worker sends none.
        AND (v_tries < 2 OR NOT EXISTS (
          SELECT 1 FROM JSON_TABLE(@florin_scores, '$[*]' COLUMNS (
            seq FOR ORDINALITY,
            transaction_id BIGINT UNSIGNED PATH '$[0]',
            model_version INT UNSIGNED PATH '$[1]',
            risk_score DECIMAL(8, 6) PATH '$[2]'
          )) b
          WHERE b.transaction_id = j.transaction_id AND b.model_version = j.model_version AND b.risk_score IS NOT NULL
            AND b.seq < j.seq))
      ORDER BY t.transaction_id, j.model_version;
      SET v_inserted = ROW_COUNT();
      IF LAST_INSERT_ID() > 0 THEN
        CALL sp_open_alerts(v_alerts);
      END IF;
      COMMIT;
      SET v_recorded = v_inserted;
    END;
  END WHILE;
  SET @florin_scores = NULL;
  SELECT v_recorded AS recorded, v_alerts AS alerts;
END//
DELIMITER ;
