-- sp_batch_parse(p_batch): step 1 of sp_post_batch. Reads the JSON into batch_item and marks what is malformed.
--
-- What most items never have is read by sp_batch_parse_rare, and only when some item of the batch has it: each column costs a
-- walk through each item, so that those eight were two fifths of parsing.
-- Columns are wider than what is legal, because MariaDB truncates ("USDX" to "USD", "abc" to 0) where MySQL gives NULL.
-- MySQL in turn would take what does not fit for absent: ON ERROR puts a value there that is not legal (a control character
-- for texts). Every column guards itself and the form is judged in one expression, without a derived table: that would be
-- merged, and its judgement evaluated anew for each column that asks for it, which made parsing half the cost of a batch. A regular expression for keys costs as much as all else here in a small batch.
-- A type is compared letter by letter, as batch_item does: without its collation TRANSFER would pass here and be nothing there. A blank
-- behind it counts for nothing in a comparison, hence LIKE.
DELIMITER //
CREATE PROCEDURE sp_batch_parse(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_has_rare INT DEFAULT JSON_CONTAINS_PATH(p_batch, 'one', '$[*].effective_us', '$[*].expires_us', '$[*].hold',
    '$[*].original', '$[*].merchant', '$[*].card', '$[*].channel', '$[*].declined_reason', '$[*].legs');

  -- IGNORE, because MySQL would make an error of an item's key in which UNHEX finds no hex digits. Nothing else is left to ignore.
  INSERT IGNORE INTO batch_item (seq, idempotency_key, request_hash, request_no, is_linked, type, debit_account_id, credit_account_id,
    amount_minor, currency, owner_user_id, actor_user_id, description, first_seq, code)
  SELECT j.seq,
    IF(CHAR_LENGTH(j.k) = 32, UNHEX(j.k), NULL), IF(CHAR_LENGTH(j.h) = 32, UNHEX(j.h), NULL),
    COALESCE(j.request_no, 0), COALESCE(j.is_linked, 0) = 1, LEFT(j.type, 12), j.debit, j.credit,
    IF(j.amount BETWEEN 1 AND 1000000000000, j.amount, NULL), LEFT(j.currency, 3), j.owner, j.actor,
    LEFT(j.description, 255), j.seq,
    IF(COALESCE(
      CHAR_LENGTH(j.k) = 32 AND UNHEX(j.k) IS NOT NULL AND CHAR_LENGTH(j.h) = 32 AND UNHEX(j.h) IS NOT NULL
      AND (j.amount IS NULL OR (j.amount BETWEEN 1 AND 1000000000000 AND j.amount = FLOOR(j.amount)))
      AND (j.currency IS NULL OR CHAR_LENGTH(j.currency) = 3)
      AND CHAR_LENGTH(COALESCE(j.description, '')) <= 255 AND COALESCE(j.description, '') <> _utf8mb4 X'01' COLLATE utf8mb4_bin
      AND j.type NOT LIKE '% '
      AND CASE
        WHEN j.type = 'transfer' THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.debit > 0 AND j.credit > 0
          AND j.debit <> j.credit
        WHEN j.type IN ('deposit', 'refund') THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.credit > 0
        WHEN j.type IN ('withdrawal', 'payment', 'hold') THEN j.amount IS NOT NULL AND j.currency IS NOT NULL AND j.debit > 0
        WHEN j.type IN ('capture', 'void', 'expire', 'reversal') THEN v_has_rare
        WHEN j.type = 'journal' THEN j.currency IS NOT NULL AND v_has_rare
        ELSE FALSE END,
      FALSE), '', 'INVALID_ITEM')
  FROM JSON_TABLE(p_batch, '$[*]' COLUMNS (
      seq FOR ORDINALITY,
      k VARCHAR(64) CHARACTER SET ascii PATH '$.key',
      h VARCHAR(64) CHARACTER SET ascii PATH '$.hash',
      request_no INT UNSIGNED PATH '$.request',
      is_linked TINYINT PATH '$.linked',
      type VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin PATH '$.type',
      debit BIGINT UNSIGNED PATH '$.debit',
      credit BIGINT UNSIGNED PATH '$.credit',
      amount DECIMAL(30,6) PATH '$.amount' DEFAULT '0' ON ERROR,
      currency VARCHAR(16) CHARACTER SET ascii PATH '$.currency',
      owner BIGINT UNSIGNED PATH '$.owner' DEFAULT '0' ON ERROR,
      actor BIGINT UNSIGNED PATH '$.actor',
      description VARCHAR(512) CHARACTER SET utf8mb4 PATH '$.description' DEFAULT '"\\u0001"' ON ERROR
    )) j;

  IF v_has_rare = 1 THEN
    CALL sp_batch_parse_rare(p_batch);
  END IF;
END//
DELIMITER ;
