-- sp_post_batch(p_batch): posts up to 2,000 items in one transaction. Every movement of money in the bank goes through here.
--
-- p_batch is a JSON array of objects, decided in their order, each as if the ones before it had already been posted:
--   key, hash        32 hex digits each: idempotency key, and hash of the request it stands for
--   type             deposit | withdrawal | transfer | payment | refund | hold | capture | void | expire | reversal | journal
--   debit, credit    account ids: where the money comes from and goes to; the bank's own side is filled in
--   amount           minor units, 1 to 1,000,000,000,000; a capture without one takes the whole hold
--   currency         ISO 4217; hold operations and reversals take that of what they refer to
--   owner            user id that must own the customer's side, or absent for the bank's staff
--   actor            user id that asked, kept as initiated_by
--   effective_us     microseconds since 1970-01-01 UTC when it happened; absent: now
--   expires_us       of a hold, likewise; absent: in seven days
--   hold, original   hold id of capture, void, expire; transaction id of a reversal
--   legs             of a journal: 2 to 100 of {"account": id, "amount": signed minor units}, accounts distinct, sum zero
--   merchant, card, channel, description   kept with the transaction
--   declined_reason  the item was already refused elsewhere (a card network): recorded as declined, never posted
--   declined_rules   beside declined_reason: the bank's own fraud engine refused it, by these rules (an array of names)
--   declined_risk, declined_reasons   beside declined_rules: its risk, 0 to 1, and why, kept for the analyst
--   request, linked  number of the request that the item came in; linked = 1: all items of that request or none
--
-- First result: a row an item (seq, code, is_replayed, transaction_id, reference_id, hold_id, type, currency, amount_minor,
-- description, effective_at, posted_at). Second result: a row a leg of what was accepted now (seq, leg, account_id, user_id,
-- is_entry, amount_minor, balance_after_minor, available_after_minor).
--
-- Codes, in the order in which they are decided; the first that holds is the item's:
--   INVALID_ITEM             not of the form above                                               not remembered
--   JOURNAL_UNBALANCED       the legs of a journal do not sum to zero                             not remembered
--   IDEMPOTENCY_KEY_REUSED   the key was used for another request                                 not remembered
--   (replay)                 the key is known: the first answer again, is_replayed = 1
--   EXTERNALLY_DECLINED, RISK_DECLINED   declined_reason was given, without or with declined_rules
--   UNKNOWN_CURRENCY         the bank keeps no books in this currency
--   HOLD_NOT_FOUND, TRANSACTION_NOT_FOUND
--   ACCOUNT_NOT_FOUND        missing, not the owner's, or one of the bank's own where a customer's is needed
--   ACCOUNT_CLOSED, ACCOUNT_FROZEN   frozen accounts still take reversals, journals and releases of holds
--   CURRENCY_MISMATCH
--   BLOCKED                  the block-list names an account, its owner, the merchant or the card; not for voids, expiries,
--                            reversals, journals and the bank's own holds for a review, which ACCOUNT_UNDER_REVIEW spares too
--   ACCOUNT_UNDER_REVIEW     an alert waits for an analyst: no money leaves the account
--   EFFECTIVE_IN_FUTURE      more than five minutes ahead
--   PERIOD_CLOSED            before the end of the closed books
--   HOLD_NOT_ACTIVE
--   HOLD_NOT_EXPIRED                                                                              not remembered
--   CAPTURE_EXCEEDS_HOLD
--   NOT_REVERSIBLE           a reversal cannot be reversed
--   ALREADY_REVERSED
--   LIMIT_PER_TRANSACTION, LIMIT_PER_DAY, LIMIT_PER_COUNTERPARTY   the customer would pass one of his limits: sp_batch_limits;
--                            what the limit is and what is left is kept in limit_declines
--   INSUFFICIENT_FUNDS       available would go below zero on a customer's account
--   LINKED_FAILED            another item of the linked request was declined; not remembered when that one is not
--   OK
--
-- Errors: 1062, 1205, 1213, 1020 roll everything back and the same call may be sent again; 45000 when the batch is no array
-- or too long.
--
-- Example: CALL sp_post_batch('[{"key":"00112233445566778899aabbccddeeff","hash":"00112233445566778899aabbccddeeff",
--   "type":"transfer","debit":11,"credit":12,"amount":12550,"currency":"USD"}]');
DELIMITER //
CREATE PROCEDURE sp_post_batch(IN p_batch JSON)
SQL SECURITY DEFINER
BEGIN
  DECLARE v_posted_at DATETIME(6);
  DECLARE v_items, v_accepted, v_posted, v_declined INT DEFAULT 0;
  DECLARE v_has_invalid, v_has_repeats, v_has_unknown_currency, v_has_own_side, v_has_declined, v_has_dated INT DEFAULT 0;
  DECLARE v_has_special, v_has_holds, v_has_reversals, v_has_linked, v_has_known, v_has_odd, v_has_risky INT DEFAULT 0;
  DECLARE v_has_parties, v_has_blocked_party, v_has_limited, v_is_counted, v_is_tight INT DEFAULT 0;
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;

  IF JSON_TYPE(p_batch) <> 'ARRAY' OR JSON_LENGTH(p_batch) > 2000 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'BATCH_NOT_AN_ARRAY_OF_AT_MOST_2000';
  END IF;
  BEGIN
    DECLARE CONTINUE HANDLER FOR 1146 CALL sp_batch_init();
    DELETE FROM batch_item;
  END;
  DELETE FROM batch_leg;
  DELETE FROM batch_account;
  DELETE FROM batch_entry;

  SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  START TRANSACTION;

  CALL sp_batch_parse(p_batch);
  -- What is in the batch: a step that nothing in it asks for is left out.
  SELECT COUNT(*), COALESCE(SUM(i.code <> ''), 0), COALESCE(SUM(i.code = ''), 0) - COUNT(DISTINCT IF(i.code = '', i.idempotency_key, NULL)),
    COALESCE(SUM(i.code = '' AND i.currency IS NOT NULL AND s.account_id IS NULL), 0),
    COALESCE(SUM(i.type IN ('deposit', 'withdrawal', 'payment', 'refund')), 0), COALESCE(SUM(i.declined_reason IS NOT NULL), 0),
    COALESCE(SUM(i.effective_at IS NOT NULL), 0),
    COALESCE(SUM(i.type IN ('hold', 'capture', 'void', 'expire', 'reversal', 'journal')), 0),
    COALESCE(SUM(i.type IN ('hold', 'capture', 'void', 'expire')), 0), COALESCE(SUM(i.type = 'reversal'), 0),
    COALESCE(SUM(i.is_linked), 0), COUNT(i.merchant_id) + COUNT(i.card_id)
  INTO v_items, v_has_invalid, v_has_repeats, v_has_unknown_currency, v_has_own_side, v_has_declined, v_has_dated, v_has_special,
    v_has_holds, v_has_reversals, v_has_linked, v_has_parties
  FROM batch_item i LEFT JOIN batch_system s ON s.currency = i.currency AND s.system_code = 'cash';

  IF v_has_repeats > 0 THEN
    CALL sp_batch_mark_repeats();
  END IF;
  CALL sp_batch_legs(v_has_unknown_currency, v_has_own_side);
  IF v_has_special > 0 THEN
    CALL sp_batch_legs_special(p_batch);
  END IF;
  CALL sp_batch_lock(v_has_odd, v_has_risky, v_has_limited);
  SET v_posted_at = UTC_TIMESTAMP(6);
  CALL sp_batch_replay(v_has_repeats, v_has_known);
  IF v_has_limited > 0 THEN
    CALL sp_batch_limits(v_posted_at, v_is_counted, v_is_tight);
  END IF;
  -- The lock is what makes a block of a merchant or a card hold for whatever commits after it: changes of such entries wait for it.
  IF v_has_parties > 0 OR v_has_holds > 0 THEN
    SELECT COALESCE(MAX(revision), 2) > 1 INTO v_has_blocked_party
    FROM risk_revisions WHERE kind = 'parties' LOCK IN SHARE MODE;
  END IF;

  IF v_has_invalid + v_has_repeats + v_has_unknown_currency + v_has_declined + v_has_dated + v_has_special + v_has_linked
     + v_has_known + v_has_odd + v_has_risky + v_has_blocked_party + v_is_tight = 0 THEN
    UPDATE batch_item SET code = 'OK';
    SET v_accepted = v_items, v_posted = v_items;
  ELSE
    IF v_has_declined > 0 THEN
      CALL sp_batch_refuse(p_batch);
    END IF;
    CALL sp_batch_check(v_has_odd, v_has_dated, v_has_holds, v_has_reversals, v_has_linked, v_has_blocked_party, v_posted_at);
    IF v_has_risky > 0 OR v_has_holds > 0 OR v_has_reversals > 0 OR v_is_tight > 0 THEN
      CALL sp_batch_decide(v_is_tight, v_posted_at);
    END IF;
    CALL sp_batch_settle(v_accepted, v_posted, v_declined);
  END IF;
  CALL sp_batch_write(v_accepted, v_posted, v_has_holds, v_has_reversals, v_posted_at);
  IF v_declined > 0 THEN
    CALL sp_batch_write_declined(p_batch, v_posted_at);
  END IF;
  IF v_is_counted + v_is_tight > 0 THEN
    CALL sp_batch_limits_write(v_is_counted, v_is_tight, v_posted_at);
  END IF;
  IF v_has_repeats > 0 THEN
    CALL sp_batch_repeats();
  END IF;
  COMMIT;

  SELECT i.seq, i.code, i.is_replayed, i.transaction_id,
         IF(i.code = 'OK' AND i.is_replayed = 0, n.code, NULL) AS reference_id, i.hold_id, i.type, i.currency, i.amount_minor,
         i.description, COALESCE(i.effective_at, v_posted_at) AS effective_at, v_posted_at AS posted_at
  FROM batch_item i LEFT JOIN batch_note n ON n.seq = i.seq
  ORDER BY i.seq;
  SELECT e.seq, e.leg, e.account_id, a.user_id, e.is_entry, e.amount_minor, e.balance_after_minor, e.available_after_minor
  FROM batch_entry e JOIN batch_account a ON a.account_id = e.account_id
  ORDER BY e.seq, e.leg;
END//
DELIMITER ;
