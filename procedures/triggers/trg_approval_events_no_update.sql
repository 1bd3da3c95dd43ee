-- trg_approval_events_no_update: rows of approval_events are never updated, whoever asks.
DELIMITER //
CREATE TRIGGER trg_approval_events_no_update BEFORE UPDATE ON approval_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'approval_events is append-only'//
DELIMITER ;
