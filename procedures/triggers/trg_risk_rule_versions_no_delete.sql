-- trg_risk_rule_versions_no_delete: rows of risk_rule_versions are never deleted, whoever asks.
DELIMITER //
CREATE TRIGGER trg_risk_rule_versions_no_delete BEFORE DELETE ON risk_rule_versions FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'risk_rule_versions is append-only'//
DELIMITER ;
