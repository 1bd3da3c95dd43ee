-- trg_case_events_no_update: rows of case_events are never changed, whoever asks.
DELIMITER //
CREATE TRIGGER trg_case_events_no_update BEFORE UPDATE ON case_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'case_events is append-only'//
DELIMITER ;
