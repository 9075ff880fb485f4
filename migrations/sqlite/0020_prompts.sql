-- From which networks a prompt was asked for counts in `attempts`, like everything else that counts by network.
DROP INDEX payments_address;
DROP INDEX payments_with_address;
ALTER TABLE payments DROP COLUMN address_hash;
