-- sp_check_approver(p_kind, p_user_id, OUT p_is_allowed): whether a user may ask for and approve acts of a kind right now: he is
-- active, and his role is among those of the setting approvers_<kind>, which every migration writes from the API's permissions.
-- His row is locked against changes until the caller's transaction ends.
DELIMITER //
CREATE PROCEDURE sp_check_approver(IN p_kind VARCHAR(24) CHARACTER SET ascii, IN p_user_id BIGINT UNSIGNED, OUT p_is_allowed BOOLEAN)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_roles VARCHAR(255);

  SELECT MAX(setting_value) INTO v_roles FROM bank_settings WHERE setting_key = CONCAT('approvers_', p_kind);
  SELECT COALESCE(MAX(is_active AND FIND_IN_SET(CONVERT(role USING utf8mb4) COLLATE utf8mb4_bin, v_roles COLLATE utf8mb4_bin) > 0), FALSE)
  INTO p_is_allowed FROM users WHERE user_id = p_user_id LOCK IN SHARE MODE;
END//
DELIMITER ;
