-- sp_batch_legs(p_has_unknown_currency, p_has_own_side): step 2 of sp_post_batch. Expands the two-sided kinds into batch_leg, debit
-- first.
--
-- The bank's own side (cash for deposits and withdrawals, card settlement for payments and refunds) is filled in here from
-- batch_system; currencies that it does not know yet are looked up by (currency, system_code), never by a walk over all accounts. An
-- item whose currency has no such account becomes UNKNOWN_CURRENCY.
DELIMITER //
CREATE PROCEDURE sp_batch_legs(IN p_has_unknown_currency INT, IN p_has_own_side INT)
SQL SECURITY DEFINER
BEGIN
  IF p_has_unknown_currency > 0 THEN
    INSERT IGNORE INTO batch_system (currency, system_code, account_id)
    SELECT a.currency, a.system_code, a.account_id
    FROM (SELECT DISTINCT currency FROM batch_item WHERE code = '' AND currency IS NOT NULL) i
    STRAIGHT_JOIN chart_of_accounts c
    STRAIGHT_JOIN accounts a ON a.currency = i.currency AND a.system_code = c.account_type;
    UPDATE batch_item i LEFT JOIN batch_system s ON s.currency = i.currency AND s.system_code = 'cash'
    SET i.code = 'UNKNOWN_CURRENCY'
    WHERE i.code = '' AND i.currency IS NOT NULL AND s.account_id IS NULL;
  END IF;

  IF p_has_own_side > 0 THEN
    UPDATE batch_item i
    JOIN batch_system s ON s.currency = i.currency
      AND s.system_code = IF(i.type IN ('deposit', 'withdrawal'), 'cash', 'card_settlement')
    SET i.debit_account_id = IF(i.type IN ('deposit', 'refund'), s.account_id, i.debit_account_id),
        i.credit_account_id = IF(i.type IN ('withdrawal', 'payment'), s.account_id, i.credit_account_id)
    WHERE i.type IN ('deposit', 'withdrawal', 'payment', 'refund');
  END IF;

  INSERT INTO batch_leg (seq, leg, account_id, amount_minor, held_delta_minor, currency, owner_user_id, is_customer_side)
  SELECT i.seq, s.leg, IF(s.leg = 0, i.debit_account_id, i.credit_account_id), IF(s.leg = 0, -i.amount_minor, i.amount_minor), 0,
         i.currency, IF((s.leg = 0) = (i.type IN ('withdrawal', 'transfer', 'payment')), i.owner_user_id, NULL),
         i.type = 'transfer' OR (s.leg = 0) = (i.type IN ('withdrawal', 'payment'))
  FROM batch_item i STRAIGHT_JOIN batch_side s
  WHERE i.code = '' AND i.type IN ('deposit', 'withdrawal', 'transfer', 'payment', 'refund');
END//
DELIMITER ;
