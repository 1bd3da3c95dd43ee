-- sp_batch_refuse(p_batch): step 5 of sp_post_batch for items that were refused before they came here: by a card network, or, where
-- declined_rules stands beside the reason, by the bank's own fraud engine.
DELIMITER //
CREATE PROCEDURE sp_batch_refuse(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  UPDATE batch_item SET code = 'EXTERNALLY_DECLINED'
  WHERE declined_reason IS NOT NULL AND is_replayed = 0
    AND code IN ('', 'UNKNOWN_CURRENCY', 'HOLD_NOT_FOUND', 'TRANSACTION_NOT_FOUND');
  IF JSON_CONTAINS_PATH(p_batch, 'one', '$[*].declined_rules') THEN
    UPDATE batch_item SET code = 'RISK_DECLINED'
    WHERE code = 'EXTERNALLY_DECLINED' AND is_replayed = 0
      AND JSON_CONTAINS_PATH(p_batch, 'one', CONCAT('$[', seq - 1, '].declined_rules'));
  END IF;
END//
DELIMITER ;
