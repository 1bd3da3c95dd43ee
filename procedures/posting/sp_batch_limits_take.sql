-- sp_batch_limits_take(p_seq, p_request_no): what an accepted item takes of its customer's limits; or, with p_request_no in place of
-- p_seq, what the items of a linked request have taken so far is given back, of which one failed.
DELIMITER //
CREATE PROCEDURE sp_batch_limits_take(IN p_seq INT UNSIGNED, IN p_request_no INT UNSIGNED)
SQL SECURITY DEFINER
BEGIN
  IF p_seq IS NOT NULL THEN
    UPDATE batch_limit l STRAIGHT_JOIN batch_limit_user u ON u.user_id = l.user_id
    SET u.used = u.used + l.worth WHERE l.seq = p_seq;
    UPDATE batch_limit l
    STRAIGHT_JOIN batch_limit_party p ON p.user_id = l.user_id AND p.party_kind = l.party_kind AND p.party_id = l.party_id
    SET p.used = p.used + l.worth WHERE l.seq = p_seq;
  ELSE
    UPDATE batch_limit_user u STRAIGHT_JOIN (
      SELECT l.user_id, SUM(l.worth) AS worth
      FROM batch_item i STRAIGHT_JOIN batch_limit l ON l.seq = i.seq
      WHERE i.request_no = p_request_no AND i.is_linked = 1 AND i.is_careful = 1 AND i.code = 'OK' AND i.is_replayed = 0
      GROUP BY l.user_id
    ) t ON t.user_id = u.user_id
    SET u.used = u.used - t.worth;
    UPDATE batch_limit_party p STRAIGHT_JOIN (
      SELECT l.user_id, l.party_kind, l.party_id, SUM(l.worth) AS worth
      FROM batch_item i STRAIGHT_JOIN batch_limit l ON l.seq = i.seq
      WHERE i.request_no = p_request_no AND i.is_linked = 1 AND i.is_careful = 1 AND i.code = 'OK' AND i.is_replayed = 0
      GROUP BY l.user_id, l.party_kind, l.party_id
    ) t ON t.user_id = p.user_id AND t.party_kind = p.party_kind AND t.party_id = p.party_id
    SET p.used = p.used - t.worth;
  END IF;
END//
DELIMITER ;
