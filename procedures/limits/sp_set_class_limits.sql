-- sp_set_class_limits(p_role, p_kyc_status, p_revision, p_per_transaction, p_per_day, p_per_counterparty, p_reason): the limits of everyone
-- with this role and KYC status who has none of his own. US cents; NULL: no limit. p_revision is the one that was seen.
--
-- Batches that begin after this commit decide by it. What was sent before a limit a day was set does not count to it.
-- Errors (45000): CUSTOMER_LIMITS_NOT_FOUND, VERSION_CONFLICT.
-- Example: CALL sp_set_class_limits('customer', 'verified', 1, 1000000, 2500000, NULL, 'Fraud wave');
DELIMITER //
CREATE PROCEDURE sp_set_class_limits(IN p_role VARCHAR(16) CHARACTER SET ascii, IN p_kyc_status VARCHAR(16) CHARACTER SET ascii,
  IN p_revision INT UNSIGNED, IN p_per_transaction BIGINT, IN p_per_day BIGINT, IN p_per_counterparty BIGINT,
  IN p_reason VARCHAR(255) CHARACTER SET utf8mb4)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_id, v_revision INT UNSIGNED DEFAULT NULL;
  DECLARE v_old JSON;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;
  SELECT MAX(customer_limit_id) INTO v_id FROM customer_limits WHERE role = p_role AND kyc_status = p_kyc_status;
  IF v_id IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'CUSTOMER_LIMITS_NOT_FOUND';
  END IF;
  SELECT revision, JSON_OBJECT('role', role, 'kyc_status', kyc_status, 'per_transaction_usd_cents', per_transaction_usd_cents,
    'per_day_usd_cents', per_day_usd_cents, 'per_counterparty_usd_cents', per_counterparty_usd_cents)
  INTO v_revision, v_old FROM customer_limits WHERE customer_limit_id = v_id FOR UPDATE;
  IF v_revision <> p_revision THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'VERSION_CONFLICT';
  END IF;
  UPDATE customer_limits
  SET per_transaction_usd_cents = p_per_transaction, per_day_usd_cents = p_per_day,
    per_counterparty_usd_cents = p_per_counterparty, revision = revision + 1, updated_by = @florin_actor_user_id
  WHERE customer_limit_id = v_id;
  INSERT INTO system_audit_logs (table_name, record_id, action, old_values, new_values, actor_user_id, actor_db_user, ip_address,
    request_id)
  VALUES ('customer_limits', v_id, 'UPDATE', v_old,
    JSON_OBJECT('role', p_role, 'kyc_status', p_kyc_status, 'per_transaction_usd_cents', p_per_transaction,
      'per_day_usd_cents', p_per_day, 'per_counterparty_usd_cents', p_per_counterparty, 'reason', p_reason),
    @florin_actor_user_id, SESSION_USER(), @florin_ip_address, @florin_request_id);
  COMMIT;
END//
DELIMITER ;
