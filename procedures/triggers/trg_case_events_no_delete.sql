-- trg_case_events_no_delete: rows of case_events are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_case_events_no_delete BEFORE DELETE ON case_events FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'case_events is append-only'//
DELIMITER ;
