-- sp_prove_ledger(p_max_transactions, p_settle_seconds): proves what was posted since the last proven transaction and has settled, at
-- most so many at once, and writes down how far it got. One row: the new row of ledger_proofs, and is_caught_up, which is 1 when
-- nothing settled is left.
--
-- Looks for what vw_ledger_integrity_check looks for, in the new part: transactions with fewer than two entries or a net sum, entries
-- in another currency or without a transaction, breaks between an entry and the one before it on its account, and touched accounts
-- whose balance is not that of their last entry, whose held amount is not that of their active holds, or whose available amount is
-- below zero. Together with the proof of all that
-- came before, this proves the whole: balances follow from unbroken chains. It does not see a later change to rows proven
-- earlier; the full view does.
--
-- Ids are given before commit, so a lower id may become visible after a higher one was proven. Therefore only what was posted at
-- least p_settle_seconds ago is proven, up to the first transaction that is younger: longer than a batch can wait for locks. And
-- each run begins 2,000 transactions back. One consistent snapshot is read throughout, so that postings under way neither wait
-- nor disturb.
-- While there is a problem the proven point stays, and the next run looks at the same part again.
-- Example: CALL sp_prove_ledger(20000, 120);
DELIMITER //
CREATE PROCEDURE sp_prove_ledger(IN p_max_transactions INT UNSIGNED, IN p_settle_seconds INT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_started_at DATETIME(6) DEFAULT UTC_TIMESTAMP(6);
  DECLARE v_proven, v_from, v_until, v_newest BIGINT UNSIGNED DEFAULT 0;
  DECLARE v_unsettled BIGINT UNSIGNED DEFAULT NULL;
  DECLARE v_transactions, v_entries, v_problems, v_found INT UNSIGNED DEFAULT 0;
  DECLARE v_problem VARCHAR(32) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_problem_transaction, v_problem_account BIGINT UNSIGNED DEFAULT NULL;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL REPEATABLE READ;
  START TRANSACTION WITH CONSISTENT SNAPSHOT;
  SELECT COALESCE((SELECT proven_until_transaction_id FROM ledger_proofs ORDER BY proof_id DESC LIMIT 1), 0) INTO v_proven;
  SET v_from = IF(v_proven > 2000, v_proven - 2000, 0);
  SELECT COALESCE(MAX(transaction_id), 0) INTO v_newest FROM transactions;
  SET v_until = LEAST(v_newest, v_proven + p_max_transactions);
  SELECT MIN(transaction_id) INTO v_unsettled
  FROM transactions
  WHERE transaction_id > v_proven AND transaction_id <= v_until AND posted_at > v_started_at - INTERVAL p_settle_seconds SECOND;
  IF v_unsettled IS NOT NULL THEN
    -- Not the id before it: a gap may be a batch that has yet to commit.
    SELECT COALESCE(MAX(transaction_id), v_proven) INTO v_newest
    FROM transactions WHERE transaction_id > v_proven AND transaction_id < v_unsettled;
    SET v_until = v_newest;
  END IF;

  SELECT COUNT(*), COALESCE(SUM(b.entries_count), 0), COALESCE(SUM(b.problem IS NOT NULL), 0), MIN(b.problem),
    MIN(IF(b.problem IS NOT NULL, b.transaction_id, NULL))
  INTO v_transactions, v_entries, v_problems, v_problem, v_problem_transaction
  FROM (
    SELECT t.transaction_id, COUNT(e.leg) AS entries_count,
      CASE WHEN COUNT(e.leg) < 2 THEN 'too_few_entries' WHEN SUM(e.amount_minor) <> 0 THEN 'unbalanced_transaction'
        WHEN SUM(NOT (a.currency <=> t.currency)) > 0 THEN 'currency_mismatch' END AS problem
    FROM transactions t
    LEFT JOIN ledger_entries e ON e.transaction_id = t.transaction_id
    LEFT JOIN accounts a ON a.account_id = e.account_id
    WHERE t.transaction_id > v_from AND t.transaction_id <= v_until
    GROUP BY t.transaction_id, t.currency
  ) b;

  -- Entries without a transaction are looked for only when there are more entries than the transactions have.
  SELECT COUNT(*) INTO v_found
  FROM ledger_entries FORCE INDEX (PRIMARY) WHERE transaction_id > v_from AND transaction_id <= v_until;
  IF v_found <> v_entries THEN
    SELECT COUNT(*), COALESCE(v_problem, IF(COUNT(*) > 0, 'orphan_entry', NULL)), COALESCE(v_problem_transaction, MIN(e.transaction_id))
    INTO v_found, v_problem, v_problem_transaction
    FROM ledger_entries e LEFT JOIN transactions t ON t.transaction_id = e.transaction_id
    WHERE e.transaction_id > v_from AND e.transaction_id <= v_until AND t.transaction_id IS NULL;
    SET v_problems = v_problems + v_found;
  END IF;

  -- The entry before each new one, by its gap-free number: most often a new one too, so only the others are looked up.
  SELECT COUNT(*), COALESCE(v_problem, IF(COUNT(*) > 0, 'running_balance_gap', NULL)),
    COALESCE(v_problem_transaction, MIN(e.transaction_id)), MIN(e.account_id)
  INTO v_found, v_problem, v_problem_transaction, v_problem_account
  FROM (
    SELECT n.transaction_id, n.account_id, n.account_seq, n.balance_after_minor - n.amount_minor AS balance_before_minor,
      LAG(n.account_seq) OVER w AS previous_seq, LAG(n.balance_after_minor) OVER w AS previous_balance_minor
    FROM ledger_entries n FORCE INDEX (PRIMARY)
    WHERE n.transaction_id > v_from AND n.transaction_id <= v_until
    WINDOW w AS (PARTITION BY n.account_id ORDER BY n.account_seq)
  ) e
  LEFT JOIN ledger_entries p ON p.account_id = e.account_id AND p.account_seq = e.account_seq - 1
  WHERE (e.previous_seq IS NULL OR e.previous_seq + 1 <> e.account_seq OR e.previous_balance_minor <> e.balance_before_minor)
    AND (e.balance_before_minor <> COALESCE(p.balance_after_minor, 0) OR (e.account_seq > 1 AND p.account_seq IS NULL));
  SET v_problems = v_problems + v_found;

  -- The way is given, because without fresh statistics MySQL reads every account, entry and active hold.
  SELECT COUNT(*),
    COALESCE(v_problem, MIN(CASE WHEN NOT (a.balance_minor <=> l.balance_after_minor) THEN 'balance_differs_from_entries'
      WHEN a.user_id IS NOT NULL AND a.balance_minor - a.held_minor + a.overdraft_limit_minor < 0 THEN 'available_below_zero'
      ELSE 'held_differs_from_holds' END)),
    COALESCE(v_problem_account, MIN(a.account_id))
  INTO v_found, v_problem, v_problem_account
  FROM (
    SELECT DISTINCT account_id FROM ledger_entries FORCE INDEX (PRIMARY) WHERE transaction_id > v_from AND transaction_id <= v_until
  ) n
  STRAIGHT_JOIN accounts a ON a.account_id = n.account_id
  LEFT JOIN ledger_entries l ON l.account_id = a.account_id AND l.account_seq = a.last_account_seq
  WHERE NOT (a.balance_minor <=> l.balance_after_minor)
    OR (a.user_id IS NOT NULL AND a.balance_minor - a.held_minor + a.overdraft_limit_minor < 0)
    OR a.held_minor <> (
      SELECT COALESCE(SUM(h.amount_minor), 0) FROM holds h FORCE INDEX (ix_holds_account)
      WHERE h.account_id = a.account_id AND h.status = 'active');
  SET v_problems = v_problems + v_found;

  INSERT INTO ledger_proofs (from_transaction_id, proven_until_transaction_id, transactions_count, problems_count, first_problem,
    first_problem_transaction_id, first_problem_account_id, started_at, finished_at)
  VALUES (v_from + 1, IF(v_problems = 0, v_until, v_proven), v_transactions, v_problems, v_problem, v_problem_transaction,
    v_problem_account, v_started_at, UTC_TIMESTAMP(6));
  COMMIT;
  SELECT p.*, v_until >= v_newest AS is_caught_up FROM ledger_proofs p WHERE proof_id = LAST_INSERT_ID();
END//
DELIMITER ;
