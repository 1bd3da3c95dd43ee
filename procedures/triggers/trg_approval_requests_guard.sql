-- trg_approval_requests_guard: what was asked for, by whom and until when never changes; nobody approves what he asked for or what
-- favours him; what was decided stays so. Also under a raw UPDATE.
DELIMITER //
CREATE TRIGGER trg_approval_requests_guard BEFORE UPDATE ON approval_requests FOR EACH ROW
BEGIN
  IF NOT (NEW.approval_id <=> OLD.approval_id AND NEW.kind <=> OLD.kind AND NEW.act <=> OLD.act AND NEW.payload <=> OLD.payload
    AND NEW.subject_user_id <=> OLD.subject_user_id AND NEW.reason <=> OLD.reason AND NEW.request_key <=> OLD.request_key
    AND NEW.request_hash <=> OLD.request_hash AND NEW.requested_by <=> OLD.requested_by AND NEW.requested_at <=> OLD.requested_at
    AND NEW.expires_at <=> OLD.expires_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was asked for is not changed';
  END IF;
  IF NEW.status <> OLD.status AND NOT ((OLD.status = 'pending' AND NEW.status IN ('approved', 'rejected', 'cancelled'))
    OR (OLD.status = 'approved' AND NEW.status IN ('executed', 'failed'))) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_DECIDED';
  END IF;
  IF OLD.status <> 'pending' AND NOT (NEW.decided_by <=> OLD.decided_by AND NEW.decided_at <=> OLD.decided_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_DECIDED';
  END IF;
  IF NEW.status = 'approved' AND (NEW.decided_by IS NULL OR NEW.decided_by IN (NEW.requested_by, COALESCE(NEW.subject_user_id, 0))) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'APPROVAL_OWN';
  END IF;
END//
DELIMITER ;
