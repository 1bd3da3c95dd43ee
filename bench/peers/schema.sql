-- The least a ledger needs, shared by the peers: accounts with a balance, transactions with a key, two entries each.
CREATE TABLE peer_accounts (
  account_id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  currency CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD',
  status VARCHAR(8) CHARACTER SET ascii NOT NULL DEFAULT 'active',
  balance_minor BIGINT NOT NULL,
  version BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB;
CREATE TABLE peer_transactions (
  transaction_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  idempotency_key CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  currency CHAR(3) CHARACTER SET ascii NOT NULL,
  amount_minor BIGINT NOT NULL,
  description VARCHAR(255) NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)
) ENGINE=InnoDB;
CREATE TABLE peer_entries (
  entry_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  transaction_id BIGINT UNSIGNED NOT NULL,
  account_id BIGINT UNSIGNED NOT NULL,
  amount_minor BIGINT NOT NULL,
  balance_after_minor BIGINT NOT NULL,
  created_at DATETIME(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  KEY (transaction_id),
  KEY (account_id, entry_id)
) ENGINE=InnoDB;
