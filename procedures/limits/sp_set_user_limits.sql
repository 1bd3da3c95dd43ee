-- sp_set_user_limits(p_user_id, p_revision, p_is_own, p_per_transaction, p_per_day, p_per_counterparty, p_reason): limits of one customer in
-- place of those of his role and KYC status, or, with p_is_own = FALSE, those of his role and KYC status again. US cents; NULL: no limit.
-- p_revision is the one that was seen of limits of his own; 0: he had none.
--
-- Locks the customer's accounts first, as postings do, so that batches under way end before and the next ones see the change.
-- Errors (45000): USER_NOT_FOUND, VERSION_CONFLICT.
-- Example: CALL sp_set_user_limits(5, 0, TRUE, 1000000, NULL, NULL, 'House purchase');
DELIMITER //
CREATE PROCEDURE sp_set_user_limits(IN p_user_id BIGINT UNSIGNED, IN p_revision INT UNSIGNED, IN p_is_own BOOLEAN,
  IN p_per_transaction BIGINT, IN p_per_day BIGINT, IN p_per_counterparty BIGINT, IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_id, v_revision INT UNSIGNED DEFAULT NULL;
  DECLARE v_class INT UNSIGNED;
  DECLARE v_count INT;
  DECLARE v_role, v_kyc_status VARCHAR(16) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_old JSON;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT COUNT(*) INTO v_count FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  -- The lock that opening an account takes too, whose new row asks which limits are its owner's.
  SELECT role, kyc_status INTO v_role, v_kyc_status FROM users WHERE user_id = p_user_id FOR UPDATE;
  IF v_role IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'USER_NOT_FOUND';
  END IF;
  SELECT customer_limit_id, revision, JSON_OBJECT('user_id', user_id, 'per_transaction_usd_cents', per_transaction_usd_cents,
    'per_day_usd_cents', per_day_usd_cents, 'per_counterparty_usd_cents', per_counterparty_usd_cents)
  INTO v_id, v_revision, v_old FROM customer_limits WHERE user_id = p_user_id FOR UPDATE;
  IF COALESCE(v_revision, 0) <> p_revision THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'VERSION_CONFLICT';
  END IF;
  IF p_is_own THEN
    INSERT INTO customer_limits (user_id, per_transaction_usd_cents, per_day_usd_cents, per_counterparty_usd_cents, updated_by)
    VALUES (p_user_id, p_per_transaction, p_per_day, p_per_counterparty, @florin_actor_user_id)
    ON DUPLICATE KEY UPDATE per_transaction_usd_cents = p_per_transaction, per_day_usd_cents = p_per_day,
      per_counterparty_usd_cents = p_per_counterparty, updated_by = @florin_actor_user_id, revision = revision + 1;
    SET v_class = 32768;
  ELSE
    DELETE FROM customer_limits WHERE user_id = p_user_id;
    SELECT COALESCE(MAX(class_bit), 0) INTO v_class FROM customer_limits WHERE role = v_role AND kyc_status = v_kyc_status;
  END IF;
  SELECT COALESCE(MAX(customer_limit_id), v_id) INTO v_id FROM customer_limits WHERE user_id = p_user_id;
  -- With the version, as trg_users_limit_class does: the row below is the audit of it.
  UPDATE accounts SET limit_class = v_class, version = version + 1 WHERE user_id = p_user_id;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('customer_limits', v_id, IF(p_is_own, IF(v_revision IS NULL, 'INSERT', 'UPDATE'), 'DELETE'), v_old,
    IF(p_is_own, JSON_OBJECT('user_id', p_user_id, 'per_transaction_usd_cents', p_per_transaction, 'per_day_usd_cents', p_per_day,
      'per_counterparty_usd_cents', p_per_counterparty, 'reason', p_reason), JSON_OBJECT('user_id', p_user_id, 'reason', p_reason)),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
