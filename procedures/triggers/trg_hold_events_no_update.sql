-- trg_hold_events_no_update: rows of hold_events are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_hold_events_no_update BEFORE UPDATE ON hold_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'hold_events is append-only'//
DELIMITER ;
