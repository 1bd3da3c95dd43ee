-- sp_batch_block(p_has_blocked_party, p_posted_at): step 5 of sp_post_batch, only where an account of the batch bears a block or
-- a merchant or card was ever on the block-list. Declines what a block forbids.
--
-- accounts.debit_block was read with the account's lock. review forbids what takes money from the account; blacklist forbids whatever
-- it takes part in, on either side. What the bank itself does to put things right passes: voids, expiries, reversals, journals, and
-- its own holds for a review. The mark blacklist outlives entries that ran out, so the list has the last word: of an account that
-- entries name and none is in force, what an open alert asks for still holds.
--
-- The list and the alerts are read into batch_note alone: an UPDATE that reads them would lock their rows. The index is named,
-- because one engine would rather read the whole list once.
DELIMITER //
CREATE PROCEDURE sp_batch_block(IN p_has_blocked_party INT, IN p_posted_at DATETIME(6))
SQL SECURITY DEFINER
BEGIN
  DELETE FROM batch_note;
  INSERT INTO batch_note (seq, number_1)
  SELECT a.account_id, CASE
    WHEN MIN(a.debit_block) = 'blacklist'
      AND (COUNT(e.list_entry_id) = 0 OR SUM(e.list_entry_id IS NOT NULL AND COALESCE(e.expires_at > p_posted_at, 1)) > 0) THEN 1
    WHEN MIN(a.debit_block) = 'review'
      OR EXISTS (SELECT 1 FROM alerts x WHERE x.debit_account_id = a.account_id AND x.is_acting AND x.is_open)
      OR EXISTS (SELECT 1 FROM alerts x WHERE x.short_account_id = a.account_id AND x.is_acting AND x.is_open) THEN 2
    ELSE 3 END
  FROM batch_account b
  STRAIGHT_JOIN accounts a ON a.account_id = b.account_id
  STRAIGHT_JOIN batch_side s
  LEFT JOIN risk_list_entries e FORCE INDEX (ix_risk_list_entries_subject) ON e.subject_type = IF(s.leg = 0, _ascii'account', _ascii'user')
    AND e.subject_value = CONVERT(IF(s.leg = 0, a.account_id, a.user_id) USING utf8mb4) COLLATE utf8mb4_bin
    AND e.list = 'block' AND e.removed_at IS NULL
  WHERE a.debit_block IS NOT NULL
  GROUP BY a.account_id;

  UPDATE batch_item i JOIN batch_leg l ON l.seq = i.seq JOIN batch_note n ON n.seq = l.account_id
  SET i.code = 'BLOCKED'
  WHERE i.code = '' AND n.number_1 = 1 AND i.type NOT IN ('void', 'expire', 'reversal', 'journal')
    AND NOT (i.type = 'hold' AND i.owner_user_id IS NULL AND i.channel <=> 'risk');
  UPDATE batch_item i JOIN batch_leg l ON l.seq = i.seq JOIN batch_note n ON n.seq = l.account_id
  SET i.code = 'ACCOUNT_UNDER_REVIEW'
  WHERE i.code = '' AND n.number_1 = 2 AND i.type NOT IN ('void', 'expire', 'reversal', 'journal')
    AND (l.amount_minor < 0 OR l.held_delta_minor > 0)
    AND NOT (i.type = 'hold' AND i.owner_user_id IS NULL AND i.channel <=> 'risk');

  IF p_has_blocked_party > 0 THEN
    DELETE FROM batch_note;
    INSERT INTO batch_note (seq)
    SELECT DISTINCT i.seq
    FROM batch_item i
    STRAIGHT_JOIN batch_side s
    STRAIGHT_JOIN risk_list_entries e FORCE INDEX (ix_risk_list_entries_subject) ON e.subject_type = IF(s.leg = 0, _ascii'merchant', _ascii'card')
      AND e.subject_value = CONVERT(IF(s.leg = 0, i.merchant_id, i.card_id) USING utf8mb4) COLLATE utf8mb4_bin
      AND e.list = 'block' AND e.removed_at IS NULL
    WHERE i.code IN ('', 'ACCOUNT_UNDER_REVIEW') AND i.is_replayed = 0
      AND i.type NOT IN ('void', 'expire', 'reversal', 'journal')
      AND (e.expires_at IS NULL OR e.expires_at > p_posted_at);
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq SET i.code = 'BLOCKED';
  END IF;
END//
DELIMITER ;
