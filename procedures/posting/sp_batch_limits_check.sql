-- sp_batch_limits_check(p_seq, OUT p_code): step 6 of sp_post_batch for an item of a customer whose items could pass a limit together:
-- the code of the limit that it passes, after those before it, or an empty one. Writes down what the limit is and what is left.
DELIMITER //
CREATE PROCEDURE sp_batch_limits_check(IN p_seq INT UNSIGNED, OUT p_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_limit, v_left BIGINT DEFAULT NULL;

  SELECT MAX(CASE
      WHEN l.worth > u.per_transaction THEN 'LIMIT_PER_TRANSACTION'
      WHEN u.used + l.worth > u.per_day THEN 'LIMIT_PER_DAY'
      WHEN COALESCE(p.used, 0) + l.worth > u.per_counterparty AND l.party_kind <> '' THEN 'LIMIT_PER_COUNTERPARTY' END),
    MAX(CASE
      WHEN l.worth > u.per_transaction THEN u.per_transaction
      WHEN u.used + l.worth > u.per_day THEN u.per_day
      ELSE u.per_counterparty END),
    MAX(CASE
      WHEN l.worth > u.per_transaction THEN u.per_transaction
      WHEN u.used + l.worth > u.per_day THEN u.per_day - u.used
      ELSE u.per_counterparty - COALESCE(p.used, 0) END)
  INTO p_code, v_limit, v_left
  FROM batch_limit l
  STRAIGHT_JOIN batch_limit_user u ON u.user_id = l.user_id
  LEFT JOIN batch_limit_party p ON p.user_id = l.user_id AND p.party_kind = l.party_kind AND p.party_id = l.party_id
  WHERE l.seq = p_seq;
  SET p_code = COALESCE(p_code, '');
  IF p_code <> '' THEN
    UPDATE batch_limit
    SET limit_minor = FLOOR(v_limit * minor_per_dollar / 10000), left_minor = FLOOR(GREATEST(v_left, 0) * minor_per_dollar / 10000)
    WHERE seq = p_seq;
    -- What declined_transactions keeps as the reason.
    UPDATE batch_item
    SET declined_reason = CONCAT('limit of ', ROUND(v_limit / 10000, 2), ' US dollars, ', ROUND(GREATEST(v_left, 0) / 10000, 2), ' left')
    WHERE seq = p_seq;
  END IF;
END//
DELIMITER ;
