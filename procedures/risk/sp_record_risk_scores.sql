-- sp_record_risk_scores(p_scores): writes verdicts of the worker. Idempotent: a second verdict of the same model version on the
-- same transaction is dropped. Returns one row: recorded, the number of new verdicts. Any error but a known verdict fails the call.
--
-- p_scores is a JSON array of {"transaction_id", "model_version", "risk_score" 0 to 1, "raw_score" or null, "features" object,
-- "degraded" 0 or 1}. The verdict follows from the score: SAFE below 0.5, SUSPICIOUS from 0.5, CRITICAL from 0.8.
-- Scores of transactions that do not exist are dropped.
-- Example: CALL sp_record_risk_scores('[{"transaction_id":5,"model_version":1,"risk_score":0.92,"features":{},"degraded":0}]');
DELIMITER //
CREATE PROCEDURE sp_record_risk_scores(IN p_scores JSON)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_recorded INT UNSIGNED DEFAULT NULL;
  DECLARE v_tries INT DEFAULT 0;

  WHILE v_recorded IS NULL DO
    BEGIN
      -- Another worker recorded one of these verdicts in between: nothing was written, and the next try sees that one.
      DECLARE EXIT HANDLER FOR 1062
      BEGIN
        SET v_tries = v_tries + 1;
        IF v_tries > 10 THEN
          RESIGNAL;
        END IF;
      END;
      INSERT INTO transaction_risk_scores (transaction_id, model_version, risk_score, verdict, raw_score, features_used, is_degraded,
        scored_at)
      SELECT t.transaction_id, j.model_version, LEAST(GREATEST(j.risk_score, 0), 1),
        CASE WHEN ROUND(j.risk_score, 4) >= 0.8 THEN 'CRITICAL' WHEN ROUND(j.risk_score, 4) >= 0.5 THEN 'SUSPICIOUS' ELSE 'SAFE' END,
        j.raw_score, COALESCE(j.features, '{}'), COALESCE(j.degraded, 0), UTC_TIMESTAMP(6)
      FROM (
        SELECT s.*, ROW_NUMBER() OVER (PARTITION BY s.transaction_id, s.model_version ORDER BY s.seq) AS place
        FROM JSON_TABLE(p_scores, '$[*]' COLUMNS (
          seq FOR ORDINALITY,
          transaction_id BIGINT UNSIGNED PATH '$.transaction_id',
          model_version INT UNSIGNED PATH '$.model_version',
          risk_score DECIMAL(8, 6) PATH '$.risk_score',
          raw_score DOUBLE PATH '$.raw_score',
          features JSON PATH '$.features',
          degraded TINYINT PATH '$.degraded'
        )) s
        WHERE s.risk_score IS NOT NULL AND s.model_version IS NOT NULL
      ) j
      JOIN transactions t ON t.transaction_id = j.transaction_id
      LEFT JOIN transaction_risk_scores r ON r.transaction_id = j.transaction_id AND r.model_version = j.model_version
      WHERE j.place = 1 AND r.transaction_id IS NULL
      ORDER BY t.transaction_id, j.model_version;
      SET v_recorded = ROW_COUNT();
    END;
  END WHILE;
  SELECT v_recorded AS recorded;
END//
DELIMITER ;
