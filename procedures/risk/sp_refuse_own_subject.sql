-- sp_refuse_own_subject(p_subject_type, p_subject_id): refuses a change of a list that is about the person who asks for it
-- (@florin_actor_user_id), an account or a card of that person. A step of the changes of lists, inside their transactions.
-- Errors (45000): OWN_AFFAIR.
DELIMITER //
CREATE PROCEDURE sp_refuse_own_subject(IN p_subject_type VARCHAR(8) CHARACTER SET ascii, IN p_subject_id BIGINT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_owner BIGINT UNSIGNED DEFAULT NULL;

  IF p_subject_type = 'user' THEN
    SET v_owner = p_subject_id;
  ELSEIF p_subject_type = 'account' THEN
    SELECT MAX(user_id) INTO v_owner FROM accounts WHERE account_id = p_subject_id;
  ELSEIF p_subject_type = 'card' THEN
    SELECT MAX(user_id) INTO v_owner FROM cards WHERE card_id = p_subject_id;
  END IF;
  IF v_owner = @florin_actor_user_id THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'OWN_AFFAIR';
  END IF;
END//
DELIMITER ;
