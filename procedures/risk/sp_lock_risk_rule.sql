-- sp_lock_risk_rule(p_rule_id, p_expected_revision, OUT p_status, OUT p_is_protected): begins a change of a rule, inside the caller's
-- transaction: tells the workers, and locks the rule. p_expected_revision is the revision that the caller has seen, so that two
-- people cannot overwrite each other unawares; NULL: whatever it is.
-- Errors (45000): RULE_NOT_FOUND, RULE_CHANGED.
DELIMITER //
CREATE PROCEDURE sp_lock_risk_rule(IN p_rule_id INT UNSIGNED, IN p_expected_revision INT UNSIGNED,
  OUT p_status VARCHAR(8) CHARACTER SET ascii, OUT p_is_protected BOOLEAN)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_revision INT UNSIGNED DEFAULT NULL;

  UPDATE risk_revisions SET revision = revision + 1 WHERE kind = 'rules';
  SELECT status, revision, is_protected INTO p_status, v_revision, p_is_protected
  FROM risk_rules WHERE rule_id = p_rule_id FOR UPDATE;
  IF v_revision IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_NOT_FOUND';
  END IF;
  IF v_revision <> p_expected_revision THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'RULE_CHANGED';
  END IF;
END//
DELIMITER ;
