-- Lists that stay as fast as they are when there is more in them.
-- What each tip sold. Sales of one tip meet here, as they do on its tipster's account; those of different tipsters never.
CREATE TABLE tip_sales (
    tip_id BIGINT PRIMARY KEY REFERENCES tips (id),
    sale_count BIGINT NOT NULL,
    earned_cents BIGINT NOT NULL
);
INSERT INTO tip_sales (tip_id, sale_count, earned_cents) SELECT tip_id, COUNT(*), SUM(share_cents) FROM purchases GROUP BY tip_id;
CREATE FUNCTION count_purchase() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tip_sales (tip_id, sale_count, earned_cents) VALUES (NEW.tip_id, 1, NEW.share_cents)
    ON CONFLICT (tip_id) DO UPDATE SET sale_count = tip_sales.sale_count + 1, earned_cents = tip_sales.earned_cents + excluded.earned_cents;
    RETURN NULL;
END $$;
CREATE TRIGGER purchases_counted AFTER INSERT ON purchases FOR EACH ROW EXECUTE FUNCTION count_purchase();

-- A page starts at a moment and an id.
DROP INDEX purchases_tipster;
CREATE INDEX purchases_tipster ON purchases (tipster_id, bought_at, payment_id);
DROP INDEX payments_buyer;
CREATE INDEX payments_buyer ON payments (buyer_id, pushed_at, id);

-- The market in each of its orders. What is on sale has no result yet; what has one is never looked at again.
DROP INDEX tips_on_sale;
CREATE INDEX tips_on_sale ON tips (sales_close_at, id) WHERE status = 'active';
CREATE INDEX tips_newest ON tips (created_at, id) WHERE status = 'active' AND result IS NULL;
CREATE INDEX tips_by_odds ON tips (odds_thousandths DESC, id) WHERE status = 'active' AND result IS NULL;
CREATE INDEX tips_by_price ON tips (price_cents, id) WHERE status = 'active' AND result IS NULL;
