-- From which address a payment was asked for is counted for an hour and forgotten after a day: both are found among the few that still
-- have one.
DROP INDEX payments_address;
CREATE INDEX payments_address ON payments (address_hash, pushed_at) WHERE address_hash <> '';
CREATE INDEX payments_with_address ON payments (pushed_at) WHERE address_hash <> '';
