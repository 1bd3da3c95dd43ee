-- trg_hold_events_no_delete: rows of hold_events are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_hold_events_no_delete BEFORE DELETE ON hold_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'hold_events is append-only'//
DELIMITER ;
