-- sp_batch_write_declined(p_batch, p_posted_at): step 8 of sp_post_batch for what was declined and is remembered.
--
-- The account is written down where it is that of whoever asked: nobody else's list of declines is written to. The bank's own holds
-- and releases (channel risk) are nobody's request, and are left out; holds of this channel are all its own, whosever money they reserve.
DELIMITER //
CREATE PROCEDURE sp_batch_write_declined(IN p_batch JSON, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  INSERT INTO declined_transactions (type, code, reason, account_id, counterparty_account_id, amount_minor, currency,
    description, channel, merchant_id, card_id, initiated_by, effective_at, declined_at, rules_triggered, risk_score, reasons)
  SELECT i.type, i.code, i.declined_reason, a.account_id,
    IF(i.type IN ('deposit', 'refund'), i.debit_account_id, i.credit_account_id), i.amount_minor, i.currency, i.description, i.channel,
    i.merchant_id, i.card_id, i.actor_user_id, COALESCE(i.effective_at, p_posted_at), p_posted_at,
    CASE i.code
      WHEN 'BLOCKED' THEN '["blacklist"]'
      WHEN 'RISK_DECLINED' THEN JSON_EXTRACT(p_batch, CONCAT('$[', i.seq - 1, '].declined_rules')) END,
    CASE i.code WHEN 'RISK_DECLINED' THEN
      LEAST(CAST(JSON_UNQUOTE(JSON_EXTRACT(p_batch, CONCAT('$[', i.seq - 1, '].declined_risk'))) AS DECIMAL(8,4)), 1) END,
    CASE i.code WHEN 'RISK_DECLINED' THEN JSON_EXTRACT(p_batch, CONCAT('$[', i.seq - 1, '].declined_reasons')) END
  FROM batch_item i
  LEFT JOIN accounts a ON a.account_id = IF(i.type IN ('deposit', 'refund'), i.credit_account_id, i.debit_account_id)
    AND (i.owner_user_id IS NULL OR a.user_id = i.owner_user_id)
  WHERE i.is_replayed = 0 AND i.code <> 'OK' AND i.idempotency_key IS NOT NULL
    AND NOT (i.channel <=> 'risk' AND (i.type = 'hold' OR (i.type = 'void' AND i.owner_user_id IS NULL)))
  ORDER BY i.seq;
END//
DELIMITER ;
