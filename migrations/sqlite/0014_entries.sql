-- Nothing to change: SQLite locks no rows, so it can go on checking that an entry's account exists.
SELECT 1;
