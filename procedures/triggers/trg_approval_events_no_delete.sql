-- trg_approval_events_no_delete: rows of approval_events are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_approval_events_no_delete BEFORE DELETE ON approval_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'approval_events is append-only'//
DELIMITER ;
