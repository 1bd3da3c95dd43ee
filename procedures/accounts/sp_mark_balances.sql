-- sp_mark_balances(p_account_id, p_max_entries, p_entries_apart): takes an account's next entries, at most so many, into its balance
-- marks, and sets new ones where p_entries_apart entries or more lie between two. One row: covered_seq, waiting_count (entries that
-- are left), was_wrong.
--
-- Marks count entries, not days, so that what is read between two is bounded however an account is used, and an account with
-- few entries has no marks. Entries of one moment are never parted, however many.
-- Several workers may call this at once: they take turns at the row in account_balance_coverage. Postings neither wait nor pay.
-- Everything is derived from ledger_entries. When the last mark does not agree with the running balance of the ledger, all marks of
-- the account are thrown away (was_wrong = 1), and the next calls make them anew; DELETE FROM both tables has the same effect.
-- Example: CALL sp_mark_balances(11, 50000, 500);
DELIMITER //
CREATE PROCEDURE sp_mark_balances(IN p_account_id BIGINT UNSIGNED, IN p_max_entries INT UNSIGNED, IN p_entries_apart INT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE c_beginning DATETIME(6) DEFAULT '1000-01-01 00:00:00';
  DECLARE c_end DATETIME(6) DEFAULT '9999-12-31 23:59:59.999999';
  DECLARE v_covered, v_until, v_last, v_base_count BIGINT UNSIGNED DEFAULT 0;
  DECLARE v_earliest, v_newest_mark, v_base, v_from, v_to DATETIME(6);
  DECLARE v_base_minor, v_ledger_minor, v_marked_minor BIGINT DEFAULT 0;
  DECLARE v_is_done, v_was_wrong BOOLEAN DEFAULT FALSE;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  CREATE TEMPORARY TABLE IF NOT EXISTS mark_growth (
    through_at DATETIME(6) NOT NULL PRIMARY KEY, entries_count BIGINT UNSIGNED NOT NULL, amount_minor BIGINT NOT NULL
  ) ENGINE=InnoDB;
  DELETE FROM mark_growth;
  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  -- Not INSERT IGNORE, whose shared lock two workers would wait for each other with.
  INSERT INTO account_balance_coverage (account_id, covered_seq) VALUES (p_account_id, 0)
  ON DUPLICATE KEY UPDATE covered_seq = covered_seq;
  SELECT covered_seq INTO v_covered FROM account_balance_coverage WHERE account_id = p_account_id FOR UPDATE;
  SELECT COALESCE(MAX(last_account_seq), v_covered) INTO v_last FROM accounts WHERE account_id = p_account_id;
  SET v_until = LEAST(v_last, v_covered + p_max_entries);

  IF v_until > v_covered THEN
    SELECT MIN(effective_at) INTO v_earliest FROM ledger_entries FORCE INDEX (uq_ledger_entries_account_seq)
    WHERE account_id = p_account_id AND account_seq > v_covered AND account_seq <= v_until;
    SELECT COALESCE(MAX(through_at), c_beginning) INTO v_newest_mark FROM account_balance_marks WHERE account_id = p_account_id;

    -- What was back-dated raises every mark from there on: entries and marks side by side in the order of time.
    INSERT INTO mark_growth (through_at, entries_count, amount_minor)
    SELECT g.moment, g.entries_count, g.amount_minor
    FROM (
      SELECT w.moment, w.is_mark,
        SUM(1 - w.is_mark) OVER (ORDER BY w.moment, w.is_mark ROWS UNBOUNDED PRECEDING) AS entries_count,
        SUM(w.amount_minor) OVER (ORDER BY w.moment, w.is_mark ROWS UNBOUNDED PRECEDING) AS amount_minor
      FROM (
        SELECT effective_at AS moment, 0 AS is_mark, amount_minor FROM ledger_entries FORCE INDEX (uq_ledger_entries_account_seq)
        WHERE account_id = p_account_id AND account_seq > v_covered AND account_seq <= v_until AND effective_at <= v_newest_mark
        UNION ALL
        SELECT through_at, 1, 0 FROM account_balance_marks WHERE account_id = p_account_id AND through_at >= v_earliest
      ) w
    ) g
    WHERE g.is_mark = 1;
    UPDATE mark_growth g STRAIGHT_JOIN account_balance_marks m ON m.account_id = p_account_id AND m.through_at = g.through_at
    SET m.entries_count = m.entries_count + g.entries_count, m.balance_minor = m.balance_minor + g.amount_minor;

    SELECT COALESCE(MAX(through_at), c_beginning) INTO v_base
    FROM account_balance_marks WHERE account_id = p_account_id AND through_at < v_earliest;
    BEGIN
      DECLARE c_crowded CURSOR FOR
        SELECT i.from_at, i.to_at, i.base_count, i.base_minor
        FROM (
          SELECT m.through_at AS to_at, m.entries_count, COALESCE(LAG(m.through_at) OVER (ORDER BY m.through_at), c_beginning) AS from_at,
            COALESCE(LAG(m.entries_count) OVER (ORDER BY m.through_at), 0) AS base_count,
            COALESCE(LAG(m.balance_minor) OVER (ORDER BY m.through_at), 0) AS base_minor
          FROM (
            SELECT through_at, entries_count, balance_minor FROM account_balance_marks
            WHERE account_id = p_account_id AND through_at >= v_base
            UNION ALL
            SELECT c_end, v_until, 0
          ) m
        ) i
        WHERE i.to_at >= v_earliest AND i.entries_count >= i.base_count + IF(i.to_at = c_end, 1, 2) * p_entries_apart;
      DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_is_done = TRUE;
      OPEN c_crowded;
      FETCH c_crowded INTO v_from, v_to, v_base_count, v_base_minor;
      WHILE NOT v_is_done DO
        -- Count and sum go through all entries of a moment, because rows of one moment are peers of the window.
        INSERT INTO account_balance_marks (account_id, through_at, entries_count, balance_minor)
        SELECT p_account_id, n.effective_at, v_base_count + MAX(n.entries_count), v_base_minor + MAX(n.amount_minor)
        FROM (
          SELECT effective_at, ROW_NUMBER() OVER (ORDER BY effective_at, account_seq) AS place,
            COUNT(*) OVER (ORDER BY effective_at) AS entries_count, SUM(amount_minor) OVER (ORDER BY effective_at) AS amount_minor
          FROM ledger_entries FORCE INDEX (ix_ledger_entries_effective)
          WHERE account_id = p_account_id AND effective_at > v_from AND effective_at < v_to AND account_seq <= v_until
        ) n
        WHERE n.place MOD p_entries_apart = 0
        GROUP BY n.effective_at;
        FETCH c_crowded INTO v_from, v_to, v_base_count, v_base_minor;
      END WHILE;
      CLOSE c_crowded;
    END;
    UPDATE account_balance_coverage SET covered_seq = v_until WHERE account_id = p_account_id;

    SELECT balance_after_minor INTO v_ledger_minor FROM ledger_entries WHERE account_id = p_account_id AND account_seq = v_until;
    CALL sp_sum_until(p_account_id, c_end, v_until, v_marked_minor);
    SET v_was_wrong = v_ledger_minor <> v_marked_minor;
    IF v_was_wrong THEN
      DELETE FROM account_balance_marks WHERE account_id = p_account_id;
      DELETE FROM account_balance_coverage WHERE account_id = p_account_id;
      SET v_until = 0;
    END IF;
  END IF;
  COMMIT;
  SELECT v_until AS covered_seq, v_last - v_until AS waiting_count, v_was_wrong AS was_wrong;
END//
DELIMITER ;
