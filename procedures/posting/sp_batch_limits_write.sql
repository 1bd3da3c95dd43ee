-- sp_batch_limits_write(p_is_counted, p_is_tight, p_posted_at): step 8 of sp_post_batch where limits are concerned: counts what was
-- accepted, and keeps what a limit was, and what was left of it, beside the key of each item that it declined.
DELIMITER //
CREATE PROCEDURE sp_batch_limits_write(IN p_is_counted INT, IN p_is_tight INT, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  IF p_is_counted > 0 THEN
    INSERT INTO limit_usage (user_id, party_kind, party_id, usage_day, used_worth)
    SELECT l.user_id, '', 0, DATE(p_posted_at), SUM(l.worth)
    FROM batch_limit l STRAIGHT_JOIN batch_item i ON i.seq = l.seq STRAIGHT_JOIN batch_limit_user u ON u.user_id = l.user_id
    WHERE i.code = 'OK' AND i.is_replayed = 0 AND (u.per_day IS NOT NULL OR u.per_counterparty IS NOT NULL)
    GROUP BY l.user_id
    ON DUPLICATE KEY UPDATE used_worth = IF(limit_usage.usage_day < VALUES(usage_day), 0, limit_usage.used_worth) + VALUES(used_worth),
      usage_day = GREATEST(limit_usage.usage_day, VALUES(usage_day));
    INSERT INTO limit_usage (user_id, party_kind, party_id, usage_day, used_worth)
    SELECT l.user_id, l.party_kind, l.party_id, DATE(p_posted_at), SUM(l.worth)
    FROM batch_limit l STRAIGHT_JOIN batch_item i ON i.seq = l.seq STRAIGHT_JOIN batch_limit_user u ON u.user_id = l.user_id
    WHERE i.code = 'OK' AND i.is_replayed = 0 AND l.party_kind <> '' AND u.per_counterparty IS NOT NULL
    GROUP BY l.user_id, l.party_kind, l.party_id
    ON DUPLICATE KEY UPDATE used_worth = IF(limit_usage.usage_day < VALUES(usage_day), 0, limit_usage.used_worth) + VALUES(used_worth),
      usage_day = GREATEST(limit_usage.usage_day, VALUES(usage_day));
  END IF;
  IF p_is_tight > 0 THEN
    INSERT INTO limit_declines (idempotency_key, code, currency, limit_minor, left_minor, created_at)
    SELECT i.idempotency_key, i.code, i.currency, l.limit_minor, l.left_minor, p_posted_at
    FROM batch_limit l STRAIGHT_JOIN batch_item i ON i.seq = l.seq
    WHERE l.limit_minor IS NOT NULL AND i.is_replayed = 0 AND i.idempotency_key IS NOT NULL
      AND i.code IN ('LIMIT_PER_TRANSACTION', 'LIMIT_PER_DAY', 'LIMIT_PER_COUNTERPARTY');
  END IF;
END//
DELIMITER ;
