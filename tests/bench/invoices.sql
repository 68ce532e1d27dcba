-- The invoices of an event log under the built-in catalog, as an analyst would ask DuckDB for them.
-- $log is the CSV file, $out the file for the answer: one JSON object per team and period.
-- The names of rules (A4, C2, …) are those of docs/semantics.md.

CREATE TEMP TABLE tiers (tier VARCHAR, rank TINYINT, creation_fixed DECIMAL(9, 6));
INSERT INTO tiers VALUES
    ('limited_msg_no_chat_history', 1, 1),
    ('unlimited_msg_no_chat_history', 2, NULL),
    ('unlimited_msg_chat_history', 3, NULL);

CREATE TEMP TABLE bands (rank TINYINT, band_from BIGINT, band_to BIGINT, price DECIMAL(9, 6));
INSERT INTO bands VALUES
    (1, 1, NULL, 0.034),
    (2, 1, 3000, 0.3), (2, 3001, 15000, 0.27), (2, 15001, 30000, 0.24),
    (2, 30001, 150000, 0.2), (2, 150001, NULL, 0.15),
    (3, 1, 3000, 0.4), (3, 3001, 15000, 0.33), (3, 15001, 30000, 0.27),
    (3, 30001, 150000, 0.24), (3, 150001, NULL, 0.2);

-- The log in its order (rowid): events at the same moment count in the order given. An event
-- leaves an account on a tier (its rank) or, after an ending, on none.
CREATE TYPE tier_name AS ENUM (SELECT tier FROM tiers ORDER BY rank);

CREATE TEMP TABLE log AS
SELECT "at", "at"::DATE AS day, team, account, "do", enum_code(tier)::TINYINT + 1 AS after
FROM read_csv(
    $log,
    header = true,
    columns = {
        'at': 'TIMESTAMP', 'team': 'VARCHAR', 'account': 'VARCHAR', 'do': 'VARCHAR',
        'tier': 'tier_name'
    }
);

-- What an event changes: the tier that the account is on, and the tier that its running day would
-- count for if it ended now (A5). Both are ranks, or null for none.
CREATE TEMP TABLE changes AS
WITH moves AS (
    SELECT *, rowid AS place, lag(after) OVER (PARTITION BY account ORDER BY rowid) AS before
    FROM log
),
days AS (
    SELECT
        *,
        row_number() OVER story AS number,
        max(after) OVER until_now AS highest,
        max(after) OVER until_then AS highest_then,
        -- A2: a day on which the account was created or moved up counts, ended or not.
        bool_or("do" = 'create' OR after > before) OVER until_now AS is_raised,
        bool_or("do" = 'create' OR after > before) OVER until_then AS was_raised,
        -- The tier brought into the day; not held on it if a change at exactly midnight took it
        -- away (G1, A4).
        first_value(before) OVER story AS brought,
        CASE WHEN first_value("do" = 'tier' AND "at" = day) OVER story THEN NULL
            ELSE first_value(before) OVER story
        END AS brought_and_held
    FROM moves
    WINDOW
        story AS (PARTITION BY account, day ORDER BY place),
        until_now AS (
            PARTITION BY account, day ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ),
        until_then AS (
            PARTITION BY account, day ORDER BY place
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        )
)
SELECT
    place, day, team, "do", before, after,
    CASE
        WHEN number = 1 THEN brought
        WHEN before IS NOT NULL OR was_raised THEN greatest(highest_then, brought_and_held)
    END AS counted_for,
    CASE WHEN after IS NOT NULL OR is_raised THEN greatest(highest, brought_and_held)
    END AS counts_for
FROM days;

-- The same as steps of a pool: a minus where an account leaves, a plus where it arrives.
CREATE TEMP TABLE steps AS
SELECT team, counted_for AS rank, day, place, -1 AS step FROM changes
WHERE counted_for IS DISTINCT FROM counts_for AND counted_for IS NOT NULL
UNION ALL
SELECT team, counts_for, day, place, 1 FROM changes
WHERE counted_for IS DISTINCT FROM counts_for AND counts_for IS NOT NULL;

-- Per team, tier and day: how many accounts it leaves on the tier, how many it makes count for it.
CREATE TEMP TABLE daily AS
WITH moved AS (
    SELECT team, rank, day, sum(held) AS held, sum(stepped) AS stepped FROM (
        SELECT team, before AS rank, day, -1 AS held, 0 AS stepped FROM changes
        WHERE before IS DISTINCT FROM after AND before IS NOT NULL
        UNION ALL
        SELECT team, after, day, 1, 0 FROM changes
        WHERE before IS DISTINCT FROM after AND after IS NOT NULL
        UNION ALL
        SELECT team, rank, day, 0, step FROM steps
    ) GROUP BY ALL
),
calendar AS (
    SELECT team, rank, unnest(generate_series(
        (SELECT date_trunc('month', min(day)) FROM log),
        (SELECT last_day(max(day)) FROM log)::TIMESTAMP,
        INTERVAL 1 DAY
    ))::DATE AS day
    FROM (SELECT DISTINCT team FROM log), tiers
),
-- Every active account brings its tier into a day; then the events of the day move the pools.
opened AS (
    SELECT
        team, rank, day, date_trunc('month', day) AS month,
        coalesce(sum(held) OVER (
            PARTITION BY team, rank ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS at_start,
        coalesce(stepped, 0) AS stepped
    FROM calendar LEFT JOIN moved USING (team, rank, day)
)
SELECT
    team, rank, day, month, at_start + stepped AS account_days,
    at_start + coalesce(sum(at_start + stepped) OVER (
        PARTITION BY team, rank, month ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ), 0) AS pool_at_start
FROM opened;

-- C2: each creation costs the price of the next account-day of its pool, as it is at that moment.
CREATE TEMP TABLE creations AS
WITH created AS (
    SELECT team, after AS rank, day, place FROM changes WHERE "do" = 'create'
),
-- Only days with a creation at the day rate need to be followed event by event.
followed AS (
    SELECT
        team, rank, day, place, is_creation,
        coalesce(sum(step) OVER (
            PARTITION BY team, rank, day ORDER BY place, is_creation DESC
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS stepped_before
    FROM (
        SELECT team, rank, day, place, step, false AS is_creation FROM steps
        SEMI JOIN (
            SELECT * FROM created JOIN tiers USING (rank) WHERE creation_fixed IS NULL
        ) USING (team, rank, day)
        UNION ALL
        SELECT team, rank, day, place, 0, true FROM created
    )
)
SELECT
    team, month, rank, coalesce(creation_fixed, price) AS charge, count(*) AS quantity
FROM followed
JOIN tiers USING (rank)
JOIN daily USING (team, rank, day)
JOIN bands
    ON bands.rank = followed.rank
    AND pool_at_start + stepped_before + 1 BETWEEN band_from AND coalesce(band_to, 1e15::BIGINT)
WHERE is_creation
GROUP BY ALL;

CREATE TEMP TABLE pools AS
SELECT team, month, rank, sum(account_days)::BIGINT AS quantity
FROM daily GROUP BY ALL HAVING sum(account_days) > 0;

-- I1: lines of account-days, tiers and bands rising, then creations, the higher charge first.
COPY (
    WITH lines AS (
        SELECT
            team, month, 0 AS part, rank, band_from, band_to, price,
            least(pools.quantity, coalesce(band_to, pools.quantity)) - band_from + 1 AS quantity
        FROM pools JOIN bands USING (rank)
        WHERE pools.quantity >= band_from
        UNION ALL
        SELECT team, month, 1, rank, NULL, NULL, charge, quantity FROM creations
    ),
    amounts AS (
        SELECT *, price::DECIMAL(28, 6) * quantity::DECIMAL(10, 0) AS amount FROM lines
    ),
    pooled AS (
        SELECT team, month, map_from_entries(list((tier, quantity) ORDER BY rank)) AS account_days
        FROM pools JOIN tiers USING (rank) GROUP BY team, month
    ),
    invoices AS (
        SELECT
            team, month,
            list({
                'kind': CASE part WHEN 0 THEN 'account_days' ELSE 'creation' END,
                'tier': tier, 'bandFrom': band_from, 'bandTo': band_to, 'quantity': quantity,
                'unitPrice': price::VARCHAR, 'amount': amount::VARCHAR
            } ORDER BY part, rank, band_from, price DESC) AS lines,
            sum(amount) AS total
        FROM amounts JOIN tiers USING (rank) GROUP BY team, month
    )
    SELECT
        team, strftime(month, '%Y-%m') AS period, account_days, lines,
        total::VARCHAR AS total, round(total, 2)::VARCHAR AS amount_due
    FROM invoices LEFT JOIN pooled USING (team, month)
    ORDER BY team, period
) TO $out (FORMAT json);
