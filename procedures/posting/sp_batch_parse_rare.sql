-- sp_batch_parse_rare(p_batch): step 1 of sp_post_batch for dates, holds, originals, cards, refusals and the legs of journals. See
-- sp_batch_parse, whose rules for columns hold here too.
--
-- A journal is refused as a whole when one of its legs is malformed; before keys are compared, because what is malformed takes no key.
--
-- 7258118400000000 microseconds is the year 2200.
DELIMITER //
CREATE PROCEDURE sp_batch_parse_rare(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  UPDATE JSON_TABLE(p_batch, '$[*]' COLUMNS (
      seq FOR ORDINALITY,
      effective_us BIGINT PATH '$.effective_us' DEFAULT '-9000000000000000' ON ERROR,
      expires_us BIGINT PATH '$.expires_us' DEFAULT '-1' ON ERROR,
      hold BIGINT UNSIGNED PATH '$.hold',
      original BIGINT UNSIGNED PATH '$.original',
      merchant BIGINT UNSIGNED PATH '$.merchant',
      card BIGINT UNSIGNED PATH '$.card',
      channel VARCHAR(32) CHARACTER SET ascii PATH '$.channel' DEFAULT '"\\u0001"' ON ERROR,
      declined_reason VARCHAR(512) CHARACTER SET utf8mb4 PATH '$.declined_reason' DEFAULT '"\\u0001"' ON ERROR
    )) j
  STRAIGHT_JOIN batch_item i ON i.seq = j.seq
  SET i.effective_at = IF(j.effective_us BETWEEN -2208988800000000 AND 7258118400000000,
        TIMESTAMPADD(MICROSECOND, j.effective_us, '1970-01-01'), NULL),
      i.expires_at = IF(j.expires_us BETWEEN 0 AND 7258118400000000, TIMESTAMPADD(MICROSECOND, j.expires_us, '1970-01-01'), NULL),
      i.hold_id = j.hold,
      i.original_transaction_id = j.original,
      i.merchant_id = j.merchant,
      i.card_id = j.card,
      i.channel = LEFT(j.channel, 16),
      i.declined_reason = LEFT(j.declined_reason, 255),
      i.code = IF(COALESCE(
        CHAR_LENGTH(COALESCE(j.declined_reason, '')) <= 255
        AND CHAR_LENGTH(COALESCE(j.channel, '')) <= 16
        AND COALESCE(j.declined_reason, '') <> _utf8mb4 X'01' COLLATE utf8mb4_bin
        AND COALESCE(j.channel, '') <> _ascii X'01' COLLATE ascii_bin
        AND COALESCE(j.effective_us, 0) BETWEEN -2208988800000000 AND 7258118400000000
        AND COALESCE(j.expires_us, 0) BETWEEN 0 AND 7258118400000000
        AND CASE
          WHEN i.type IN ('capture', 'void', 'expire') THEN j.hold > 0
          WHEN i.type = 'reversal' THEN j.original > 0
          ELSE TRUE END,
        FALSE), i.code, 'INVALID_ITEM');

  IF EXISTS (SELECT 1 FROM batch_item WHERE code = '' AND type = 'journal') THEN
    DELETE FROM batch_note;
    INSERT INTO batch_note (seq, number_1, code)
    SELECT i.seq, LEAST(SUM(IF(j.amount > 0, j.amount, 0)), 9000000000000000),
      CASE WHEN COUNT(j.account) <> COUNT(*) OR COUNT(j.amount) <> COUNT(*) OR COUNT(*) NOT BETWEEN 2 AND 100
             OR COUNT(DISTINCT j.account) <> COUNT(*) OR MIN(j.account) = 0 OR SUM(j.amount = 0 OR j.amount <> FLOOR(j.amount)) > 0
             OR MAX(ABS(j.amount)) > 1000000000000 THEN 'INVALID_ITEM'
           WHEN SUM(j.amount) <> 0 THEN 'JOURNAL_UNBALANCED'
           ELSE '' END
    FROM batch_item i JOIN JSON_TABLE(p_batch, '$[*]' COLUMNS (
      seq FOR ORDINALITY,
      NESTED PATH '$.legs[*]' COLUMNS (account BIGINT UNSIGNED PATH '$.account', amount DECIMAL(30,6) PATH '$.amount')
    )) j ON j.seq = i.seq
    WHERE i.code = '' AND i.type = 'journal'
    GROUP BY i.seq;
    UPDATE batch_item i JOIN batch_note n ON n.seq = i.seq SET i.code = n.code, i.amount_minor = n.number_1;
  END IF;
END//
DELIMITER ;
