-- sp_update_user_standing(p_user_id, p_role, p_kyc_status, p_is_active): changes what an administrator decides about a user. NULL
-- leaves a value as it is. A change of role or activity ends the access tokens issued so far.
--
-- The last active administrator can be neither demoted nor deactivated.
-- Errors (45000): USER_NOT_FOUND, LAST_ADMINISTRATOR.
-- Example: CALL sp_update_user_standing(5, NULL, 'verified', NULL);
DELIMITER //
CREATE PROCEDURE sp_update_user_standing(IN p_user_id BIGINT UNSIGNED, IN p_role VARCHAR(16) CHARACTER SET ascii,
  IN p_kyc_status VARCHAR(16) CHARACTER SET ascii, IN p_is_active BOOLEAN)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_role VARCHAR(16) CHARACTER SET ascii DEFAULT NULL;
  DECLARE v_is_active BOOLEAN;
  DECLARE v_other_admins INT;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  START TRANSACTION;
  -- trg_users_limit_class changes the accounts too: they are locked first, as by postings, which ask for the setting after them.
  SELECT COUNT(*) INTO v_other_admins FROM accounts WHERE user_id = p_user_id FOR UPDATE;
  -- The setting's row is the one lock that all changes of administrators share.
  SELECT COUNT(*) INTO v_other_admins FROM bank_settings WHERE setting_key = 'books_closed_until' FOR UPDATE;
  SELECT role, is_active INTO v_role, v_is_active FROM users WHERE user_id = p_user_id FOR UPDATE;
  IF v_role IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'USER_NOT_FOUND';
  END IF;
  SELECT COUNT(*) INTO v_other_admins FROM users WHERE role = 'admin' AND is_active AND user_id <> p_user_id;
  IF v_role = 'admin' AND v_is_active AND v_other_admins = 0
     AND (COALESCE(p_role, 'admin') <> 'admin' OR COALESCE(p_is_active, TRUE) = FALSE) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'LAST_ADMINISTRATOR';
  END IF;
  UPDATE users
  SET role = COALESCE(p_role, role), kyc_status = COALESCE(p_kyc_status, kyc_status), is_active = COALESCE(p_is_active, is_active)
  WHERE user_id = p_user_id;
  IF (p_role IS NOT NULL AND p_role <> v_role) OR (p_is_active IS NOT NULL AND p_is_active <> v_is_active) THEN
    UPDATE user_credentials SET token_version = token_version + 1, tokens_revoked_at = UTC_TIMESTAMP(6) WHERE user_id = p_user_id;
    UPDATE refresh_tokens SET revoked_at = UTC_TIMESTAMP(6) WHERE user_id = p_user_id AND revoked_at IS NULL AND p_is_active = FALSE;
  END IF;
  COMMIT;
END//
DELIMITER ;
