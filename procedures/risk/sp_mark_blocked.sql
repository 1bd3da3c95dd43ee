-- sp_mark_blocked(p_subject_type, p_subject_id): brings what postings look at up to what the block-list says of an account, a user, a
-- merchant or a card. A step of sp_add_risk_list_entry and sp_remove_risk_list_entry, inside their transactions.
--
-- The accounts' locks, and that of the revision, make it wait for the batches under way, which have not seen the change, and
-- the next ones wait for it. An account that is not named any more goes back under review where an alert asks for that.
DELIMITER //
CREATE PROCEDURE sp_mark_blocked(IN p_subject_type VARCHAR(8) CHARACTER SET ascii, IN p_subject_id BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_done INT DEFAULT 0;
  DECLARE v_account_id, v_user_id BIGINT UNSIGNED;
  DECLARE v_is_named, v_is_under_review BOOLEAN;
  DECLARE c_account CURSOR FOR
    SELECT account_id, user_id FROM accounts
    WHERE account_id = IF(p_subject_type = 'account', p_subject_id, NULL) AND user_id IS NOT NULL
    UNION ALL
    SELECT account_id, user_id FROM accounts WHERE user_id = IF(p_subject_type = 'user', p_subject_id, NULL)
    ORDER BY account_id;
  DECLARE CONTINUE HANDLER FOR NOT FOUND SET v_done = 1;

  IF p_subject_type IN ('merchant', 'card') THEN
    UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'parties';
  ELSEIF p_subject_type IN ('account', 'user') THEN
    OPEN c_account;
    mark: LOOP
      FETCH c_account INTO v_account_id, v_user_id;
      IF v_done THEN
        LEAVE mark;
      END IF;
      SELECT account_id INTO v_account_id FROM accounts WHERE account_id = v_account_id FOR UPDATE;
      SELECT EXISTS (SELECT 1 FROM risk_list_entries
          WHERE subject_type = 'account' AND subject_value = CONVERT(v_account_id USING utf8mb4) COLLATE utf8mb4_bin
            AND list = 'block' AND removed_at IS NULL)
        OR EXISTS (SELECT 1 FROM risk_list_entries
          WHERE subject_type = 'user' AND subject_value = CONVERT(v_user_id USING utf8mb4) COLLATE utf8mb4_bin
            AND list = 'block' AND removed_at IS NULL),
        EXISTS (SELECT 1 FROM alerts WHERE debit_account_id = v_account_id AND is_acting AND is_open)
          OR EXISTS (SELECT 1 FROM alerts WHERE short_account_id = v_account_id AND is_acting AND is_open)
      INTO v_is_named, v_is_under_review;
      UPDATE accounts SET debit_block = CASE WHEN v_is_named THEN 'blacklist' WHEN v_is_under_review THEN 'review' END
      WHERE account_id = v_account_id AND (v_is_named OR debit_block = 'blacklist');
    END LOOP;
    CLOSE c_account;
  END IF;
END//
DELIMITER ;
