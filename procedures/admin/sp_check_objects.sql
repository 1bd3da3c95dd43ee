-- sp_check_objects(): names the procedures, views and triggers that differ from what was loaded. No row is health.
--
-- problem is changed, missing, or unknown (there, but in no file). Runs with the owner's eyes, because others are not shown the definitions.
-- Example: CALL sp_check_objects();
DELIMITER //
CREATE PROCEDURE sp_check_objects()
SQL SECURITY DEFINER
BEGIN
  SELECT o.object_type, o.object_name, IF(s.object_name IS NULL, 'missing', 'changed') AS problem
  FROM database_objects o
  LEFT JOIN (
    SELECT 'PROCEDURE' AS object_type, ROUTINE_NAME AS object_name, SHA2(ROUTINE_DEFINITION, 256) AS definition_checksum
    FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE'
    UNION ALL
    SELECT 'VIEW', TABLE_NAME, SHA2(VIEW_DEFINITION, 256) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
    UNION ALL
    SELECT 'TRIGGER', TRIGGER_NAME, SHA2(CONCAT(ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_STATEMENT), 256)
    FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
  ) s ON s.object_type = CONVERT(o.object_type USING utf8mb4) COLLATE utf8mb4_bin
    AND s.object_name = CONVERT(o.object_name USING utf8mb4) COLLATE utf8mb4_bin
  WHERE s.definition_checksum IS NULL OR s.definition_checksum <> CONVERT(o.definition_checksum USING utf8mb4) COLLATE utf8mb4_bin
  UNION ALL
  SELECT s.object_type, s.object_name, 'unknown'
  FROM (
    SELECT 'PROCEDURE' AS object_type, ROUTINE_NAME AS object_name
    FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'PROCEDURE'
    UNION ALL
    SELECT 'VIEW', TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
    UNION ALL
    SELECT 'TRIGGER', TRIGGER_NAME FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
  ) s
  LEFT JOIN database_objects o ON s.object_type = CONVERT(o.object_type USING utf8mb4) COLLATE utf8mb4_bin
    AND s.object_name = CONVERT(o.object_name USING utf8mb4) COLLATE utf8mb4_bin
  WHERE o.object_name IS NULL;
END//
DELIMITER ;
