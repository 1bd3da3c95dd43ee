-- sp_batch_init(): makes the in-memory work tables of sp_post_batch, once a connection.
--
-- Called by sp_post_batch itself when it finds them missing. batch_system keeps the ids of the bank's own accounts,
-- which never change once opened; a currency opened later is found because sp_batch_legs asks again on a miss. batch_side holds
-- the two sides of a plain item, debit and credit: a derived table in its place is made anew in every batch.
DELIMITER //
CREATE PROCEDURE sp_batch_init()
SQL SECURITY DEFINER
BEGIN
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_item (
    seq INT UNSIGNED NOT NULL,
    idempotency_key BINARY(16),
    request_hash BINARY(16),
    request_no INT UNSIGNED NOT NULL DEFAULT 0,
    is_linked TINYINT NOT NULL DEFAULT 0,
    type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin,
    debit_account_id BIGINT UNSIGNED,
    credit_account_id BIGINT UNSIGNED,
    amount_minor BIGINT,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin,
    owner_user_id BIGINT UNSIGNED,
    actor_user_id BIGINT UNSIGNED,
    effective_at DATETIME(6),
    expires_at DATETIME(6),
    hold_id BIGINT UNSIGNED,
    original_transaction_id BIGINT UNSIGNED,
    merchant_id BIGINT UNSIGNED,
    card_id BIGINT UNSIGNED,
    channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin,
    description VARCHAR(255) CHARACTER SET utf8mb4,
    declined_reason VARCHAR(255) CHARACTER SET utf8mb4,
    first_seq INT UNSIGNED,
    code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    is_replayed TINYINT NOT NULL DEFAULT 0,
    is_careful TINYINT NOT NULL DEFAULT 0,
    transaction_id BIGINT UNSIGNED,
    PRIMARY KEY USING BTREE (seq)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_leg (
    seq INT UNSIGNED NOT NULL,
    leg TINYINT UNSIGNED NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL,
    amount_minor BIGINT NOT NULL,
    held_delta_minor BIGINT NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin,
    owner_user_id BIGINT UNSIGNED,
    is_customer_side TINYINT NOT NULL,
    PRIMARY KEY USING BTREE (seq, leg),
    KEY ix_account USING BTREE (account_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_account (
    account_id BIGINT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    balance_minor BIGINT NOT NULL,
    held_minor BIGINT NOT NULL,
    overdraft_limit_minor BIGINT NOT NULL,
    available_minor BIGINT NOT NULL,
    last_account_seq BIGINT UNSIGNED NOT NULL,
    limit_class SMALLINT UNSIGNED NOT NULL,
    is_odd TINYINT NOT NULL,
    is_risky TINYINT NOT NULL,
    legs_count INT NOT NULL,
    entries_count INT NOT NULL,
    amount_minor BIGINT NOT NULL,
    held_delta_minor BIGINT NOT NULL,
    PRIMARY KEY USING BTREE (account_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_hold (
    hold_id BIGINT UNSIGNED NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount_minor BIGINT NOT NULL,
    status VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    expires_at DATETIME(6) NOT NULL,
    merchant_id BIGINT UNSIGNED,
    card_id BIGINT UNSIGNED,
    channel VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin,
    taken_by INT UNSIGNED,
    PRIMARY KEY (hold_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_original (
    transaction_id BIGINT UNSIGNED NOT NULL,
    type VARCHAR(12) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    amount_minor BIGINT NOT NULL,
    merchant_id BIGINT UNSIGNED,
    card_id BIGINT UNSIGNED,
    is_reversed TINYINT NOT NULL DEFAULT 0,
    taken_by INT UNSIGNED,
    PRIMARY KEY (transaction_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_entry (
    account_id BIGINT UNSIGNED NOT NULL,
    account_seq BIGINT UNSIGNED NOT NULL,
    is_entry TINYINT NOT NULL,
    seq INT UNSIGNED NOT NULL,
    leg TINYINT UNSIGNED NOT NULL,
    amount_minor BIGINT NOT NULL,
    balance_after_minor BIGINT NOT NULL,
    available_after_minor BIGINT NOT NULL,
    KEY USING BTREE (seq, leg)
  ) ENGINE=MEMORY;
  -- Small scratch tables: MySQL cannot open one temporary table twice in a statement.
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_note (
    seq BIGINT UNSIGNED NOT NULL,
    number_1 BIGINT,
    number_2 BIGINT,
    code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin,
    PRIMARY KEY USING BTREE (seq)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_system (
    currency CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    system_code VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    account_id BIGINT UNSIGNED NOT NULL,
    PRIMARY KEY (currency, system_code)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_limit (
    seq INT UNSIGNED NOT NULL,
    user_id BIGINT UNSIGNED NOT NULL,
    limit_class SMALLINT UNSIGNED NOT NULL,
    party_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    party_id BIGINT UNSIGNED NOT NULL,
    worth BIGINT NOT NULL,
    minor_per_dollar DECIMAL(24,4) NOT NULL,
    limit_minor BIGINT,
    left_minor BIGINT,
    PRIMARY KEY USING BTREE (seq)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_limit_user (
    user_id BIGINT UNSIGNED NOT NULL,
    per_transaction BIGINT,
    per_day BIGINT,
    per_counterparty BIGINT,
    used BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    largest BIGINT NOT NULL,
    is_tight TINYINT NOT NULL DEFAULT 0,
    PRIMARY KEY USING BTREE (user_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_limit_party (
    user_id BIGINT UNSIGNED NOT NULL,
    party_kind VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    party_id BIGINT UNSIGNED NOT NULL,
    used BIGINT NOT NULL,
    asked BIGINT NOT NULL,
    PRIMARY KEY (user_id, party_kind, party_id)
  ) ENGINE=MEMORY;
  CREATE TEMPORARY TABLE IF NOT EXISTS batch_side (leg TINYINT UNSIGNED NOT NULL, PRIMARY KEY (leg)) ENGINE=MEMORY;
  INSERT IGNORE INTO batch_side (leg) VALUES (0), (1);
END//
DELIMITER ;
