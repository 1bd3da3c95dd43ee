-- sp_batch_parse(p_batch): step 1 of sp_post_batch. Reads the JSON into batch_item and marks what is malformed.
--
-- Columns are wider than what is legal, because MariaDB truncates ("USDX" to "USD", "abc" to 0) where MySQL gives NULL.
-- MySQL in turn would take what does not fit for absent: ON ERROR puts a value there that is not legal (a control character
-- for texts).
-- first_seq of an item is the first item of the batch with the same key: a repeat is answered like that one, and refused when
-- its hash is another.
-- 7258118400000000 microseconds is the year 2200.
DELIMITER //
CREATE PROCEDURE sp_batch_parse(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  INSERT INTO batch_item (seq, idempotency_key, request_hash, request_no, is_linked, type, debit_account_id, credit_account_id,
    amount_minor, currency, owner_user_id, actor_user_id, effective_at, expires_at, hold_id, original_transaction_id,
    merchant_id, card_id, channel, description, declined_reason, first_seq, code)
  SELECT p.seq, IF(p.is_bad, NULL, UNHEX(p.k)), IF(p.is_bad, NULL, UNHEX(p.h)), COALESCE(p.request_no, 0),
    COALESCE(p.is_linked, 0) = 1, IF(p.is_bad, NULL, p.type), p.debit, p.credit, IF(p.is_bad, NULL, p.amount),
    IF(p.is_bad, NULL, p.currency), p.owner, p.actor,
    IF(p.is_bad OR p.effective_us IS NULL, NULL, TIMESTAMPADD(MICROSECOND, p.effective_us, '1970-01-01')),
    IF(p.is_bad OR p.expires_us IS NULL, NULL, TIMESTAMPADD(MICROSECOND, p.expires_us, '1970-01-01')),
    p.hold, p.original, p.merchant, p.card, IF(p.is_bad, NULL, p.channel), IF(p.is_bad, NULL, p.description),
    IF(p.is_bad, NULL, p.declined_reason),
    FIRST_VALUE(p.seq) OVER (PARTITION BY p.is_bad, IF(p.is_bad, p.seq, LOWER(p.k)) ORDER BY p.seq),
    CASE WHEN p.is_bad THEN 'INVALID_ITEM'
         WHEN ROW_NUMBER() OVER (PARTITION BY p.is_bad, IF(p.is_bad, p.seq, LOWER(p.k)) ORDER BY p.seq) = 1 THEN ''
         WHEN LOWER(p.h) = FIRST_VALUE(LOWER(p.h)) OVER (PARTITION BY p.is_bad, IF(p.is_bad, p.seq, LOWER(p.k)) ORDER BY p.seq)
           THEN 'REPEAT'
         ELSE 'IDEMPOTENCY_KEY_REUSED' END
  FROM (
    SELECT j.*,
      COALESCE(NOT (
        j.k REGEXP '^[0-9A-Fa-f]{32}$' AND j.h REGEXP '^[0-9A-Fa-f]{32}$'
        AND (j.amount IS NULL OR (j.amount > 0 AND j.amount <= 1000000000000 AND j.amount = FLOOR(j.amount)))
        AND (j.currency IS NULL OR CHAR_LENGTH(j.currency) = 3)
        AND CHAR_LENGTH(COALESCE(j.description, '')) <= 255 AND CHAR_LENGTH(COALESCE(j.declined_reason, '')) <= 255
        AND CHAR_LENGTH(COALESCE(j.channel, '')) <= 16
        AND COALESCE(j.description, '') <> _utf8mb4 X'01' COLLATE utf8mb4_bin
        AND COALESCE(j.declined_reason, '') <> _utf8mb4 X'01' COLLATE utf8mb4_bin
        AND COALESCE(j.channel, '') <> _ascii X'01' COLLATE ascii_bin
        AND COALESCE(j.effective_us, 0) BETWEEN -2208988800000000 AND 7258118400000000
        AND COALESCE(j.expires_us, 0) BETWEEN 0 AND 7258118400000000
        AND CASE
          WHEN j.type = 'deposit' THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.credit > 0
          WHEN j.type IN ('withdrawal', 'payment', 'hold') THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.debit > 0
          WHEN j.type = 'refund' THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.credit > 0
          WHEN j.type = 'transfer' THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.debit > 0 AND j.credit > 0
            AND j.debit <> j.credit
          WHEN j.type IN ('capture', 'void', 'expire') THEN j.hold > 0
          WHEN j.type = 'reversal' THEN j.original > 0
          WHEN j.type = 'journal' THEN j.currency IS NOT NULL
          ELSE FALSE END
      ), TRUE) AS is_bad
    FROM JSON_TABLE(p_batch, '$[*]' COLUMNS (
      seq FOR ORDINALITY,
      k VARCHAR(64) CHARACTER SET ascii PATH '$.key',
      h VARCHAR(64) CHARACTER SET ascii PATH '$.hash',
      request_no INT UNSIGNED PATH '$.request',
      is_linked TINYINT PATH '$.linked',
      type VARCHAR(16) CHARACTER SET ascii PATH '$.type',
      debit BIGINT UNSIGNED PATH '$.debit',
      credit BIGINT UNSIGNED PATH '$.credit',
      amount DECIMAL(30,6) PATH '$.amount' DEFAULT '0' ON ERROR,
      currency VARCHAR(16) CHARACTER SET ascii PATH '$.currency',
      owner BIGINT UNSIGNED PATH '$.owner' DEFAULT '0' ON ERROR,
      actor BIGINT UNSIGNED PATH '$.actor',
      effective_us BIGINT PATH '$.effective_us' DEFAULT '-9000000000000000' ON ERROR,
      expires_us BIGINT PATH '$.expires_us' DEFAULT '-1' ON ERROR,
      hold BIGINT UNSIGNED PATH '$.hold',
      original BIGINT UNSIGNED PATH '$.original',
      merchant BIGINT UNSIGNED PATH '$.merchant',
      card BIGINT UNSIGNED PATH '$.card',
      channel VARCHAR(32) CHARACTER SET ascii PATH '$.channel' DEFAULT '"\\u0001"' ON ERROR,
      description VARCHAR(512) CHARACTER SET utf8mb4 PATH '$.description' DEFAULT '"\\u0001"' ON ERROR,
      declined_reason VARCHAR(512) CHARACTER SET utf8mb4 PATH '$.declined_reason' DEFAULT '"\\u0001"' ON ERROR
    )) j
  ) p;
END//
DELIMITER ;
