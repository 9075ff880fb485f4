-- Why Safaricom did not take a push was kept as the English sentence that its buyer was told. Now it is kept as a code, and the words
-- are chosen when they are shown.
ALTER TABLE payments ADD COLUMN refusal TEXT CHECK (refusal IN ('unknown_number', 'phone_locked', 'busy', 'our_account', 'other'));
UPDATE payments SET
    refusal = CASE result_description
        WHEN 'M-Pesa does not know this phone number. Check it, or use another one.' THEN 'unknown_number'
        WHEN 'Another M-Pesa request is open on this phone. Finish it, wait a minute and try again.' THEN 'phone_locked'
        WHEN 'M-Pesa is very busy right now. Please try again in a minute.' THEN 'busy'
        WHEN 'We cannot reach our M-Pesa account right now. Please try again later.' THEN 'our_account'
        ELSE 'other'
    END,
    result_description = NULL
WHERE result_code = 'not_taken';
