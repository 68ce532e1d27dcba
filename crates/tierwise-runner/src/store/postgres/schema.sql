-- Version 1. Times are milliseconds since 1970 in UTC. `account` leads every key that it can lead:
-- it is what to partition by.
create table policy (
    policy bigint generated always as identity primary key,
    component text not null,
    catalog text not null,
    unique (component, catalog)
);

create table runner (
    epoch bigint generated always as identity primary key,
    beats bigint not null,
    is_gone boolean not null
) with (fillfactor = 10);

create table team (
    id text collate "C" primary key,
    entries bigint not null,
    last_at bigint not null
);

-- The row of an account is its lane: everything about an account changes with it, so there is room
-- on its page for the next version of it, and old ones are cleared away soon.
create table account (
    key bigint generated always as identity primary key,
    id text collate "C" not null unique,
    team text not null,
    tier text not null,
    transport text not null,
    settings text not null,
    created bigint not null,
    ended smallint not null,
    has_login boolean not null,
    login bigint not null,
    history_kept bigint not null,
    -- Its last opening, and what may come of it.
    opening bigint not null,
    opening_over boolean not null,
    brings_history boolean not null,
    -- The runner that is asking a transport to connect it.
    opening_by bigint,
    connection smallint not null,
    is_paused boolean not null,
    next_number bigint not null,
    fence bigint not null,
    out_number bigint,
    out_attempt bigint,
    out_fence bigint,
    out_period bigint,
    out_counted boolean,
    owner bigint,
    tried_number bigint,
    tried_times bigint,
    tried_again bigint,
    gap_until bigint not null,
    turn bigint not null,
    held_why smallint,
    held_until bigint,
    held_reason text not null,
    used_period bigint not null,
    used_count bigint not null,
    removal smallint not null,
    next_at bigint,
    -- Its last entry in `decision`.
    decision bigint,
    -- None of its messages that waits comes before this place in `waiting`, or stands at it.
    head_due bigint not null default '-9223372036854775808',
    head_number bigint not null default 0,
    -- Where this is not negative, all that wait are due in the order of their numbers, and the last
    -- has at most this one, and is due at the latest then.
    line_end bigint not null default -1,
    line_due bigint not null default 0,
    -- How many messages it has that are there for everybody: written here, by what they are; that
    -- came with its login; that were received after it.
    count_waiting bigint not null default 0,
    count_sent bigint not null default 0,
    count_delivered bigint not null default 0,
    count_read bigint not null default 0,
    count_failed bigint not null default 0,
    count_cancelled bigint not null default 0,
    count_notes bigint not null default 0,
    count_history bigint not null default 0,
    count_live bigint not null default 0
) with (
    fillfactor = 60,
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 1000,
    autovacuum_vacuum_cost_delay = 0
);
create index account_ready on account (next_at, key) where next_at is not null;
create index account_out on account (owner, key) where owner is not null;
create index account_opening on account (opening_by, key) where opening_by is not null;
create index account_held on account (key) where held_why is not null;
create index account_removal on account (key) where removal <> 0;
create index account_team on account (team, key);

-- What people see of an account; the queue does not read it.
create table profile (
    account bigint primary key,
    nickname text not null,
    -- The name as it is searched in: in lower case.
    sought text not null,
    created_by text not null,
    team text not null,
    updated bigint not null,
    archived bigint,
    last_login bigint,
    last_logout bigint,
    last_closed bigint,
    qr text not null default '',
    error text not null default '',
    sync_expected bigint not null default 0,
    sync_last bigint
);

-- Creations of the last day that carried a key: hashes of the key and of what was asked for, as
-- they stay when the account is deleted.
create table creation (
    team text collate "C" not null,
    key text collate "C" not null,
    account text not null,
    asked text not null,
    at bigint not null,
    primary key (team, key)
);
create index creation_at on creation (at);

-- No index holds what changes as a message is sent, and there is room on its page for that.
create table message (
    account bigint not null,
    number bigint not null,
    id text collate "C" not null,
    chat text collate "C" not null,
    origin smallint not null,
    status smallint not null,
    at bigint not null,
    content text not null,
    sender text not null,
    error text not null,
    counted bigint,
    network_id text collate "C" not null,
    cancel_on_reply boolean not null,
    revision bigint not null,
    login bigint not null,
    -- Stands for the account's team; two teams may have the same.
    team bigint not null,
    -- When it was stored, and the time with which it was: neither ever changes.
    accepted bigint not null,
    placed bigint not null,
    attachments smallint not null,
    edited bigint,
    resolved_by text,
    resolved_at bigint,
    primary key (account, number)
) with (fillfactor = 50);
-- New ids follow one another: beside each other, whosever they are.
create unique index message_id on message (id, account);
create index message_chat on message (account, chat, placed, number);
-- Those that come lie beside each other at the end of each team's.
create index message_team on message (team, accepted, account, number);
create index message_network on message (account, network_id) where network_id <> '';

-- Every message that waits is here. One that does not wait any more may be, too: rows are removed
-- many at a time.
create table waiting (
    account bigint not null,
    due bigint not null,
    number bigint not null,
    primary key (account, due, number)
) with (
    autovacuum_vacuum_scale_factor = 0.01,
    autovacuum_vacuum_threshold = 10000,
    autovacuum_vacuum_cost_delay = 0
);

-- When a chat may be tried again; of accounts whose policy keeps gaps of chats. Written as a
-- message goes out; rows whose time has long passed are removed many at a time.
create table chat_gap (
    account bigint not null,
    chat text collate "C" not null,
    until bigint not null,
    primary key (account, chat)
) with (fillfactor = 50);

create table contact (
    account bigint not null,
    id text collate "C" not null,
    name text not null,
    primary key (account, id)
);

-- What was asked and decided about each message, and what became of it. Append only. The last entry
-- of an account stands with the account, and each names the one before it: so entries lie in the
-- order in which they come, and no index is by account.
create table decision (
    entry bigint primary key,
    previous bigint,
    account bigint not null,
    fence bigint not null,
    policy bigint not null,
    tier text not null,
    sent bigint not null,
    counted boolean not null,
    size bigint not null,
    attempt bigint not null,
    number bigint not null,
    due bigint not null,
    now bigint not null,
    period_end bigint not null,
    created bigint not null,
    answer smallint not null,
    gap_or_until bigint not null,
    chat_gap bigint not null,
    reason text not null,
    runner bigint not null
);

create table outcome (
    decision bigint primary key,
    outcome text not null,
    at bigint not null
);

-- Each team's ledger of account-days. Append only.
create table life (
    team text collate "C" not null,
    entry bigint not null,
    account bigint not null,
    at bigint not null,
    step smallint not null,
    tier text,
    primary key (team, entry)
);
-- Which tiers there are, without a look at every entry.
create index life_tier on life (tier) where tier is not null;

-- What was counted in periods that have ended; the running one stands with the account.
create table counted (
    account bigint not null,
    period bigint not null,
    count bigint not null,
    primary key (account, period)
);

-- Invoices of periods that have ended. Append only.
create table invoice (
    team text collate "C" not null,
    period text collate "C" not null,
    invoice text not null,
    primary key (team, period)
);

-- Teams as people know them; a team's ledger stands in `team`.
create table team_profile (
    id text collate "C" primary key,
    name text not null,
    region text not null,
    metadata text not null,
    created bigint not null,
    updated bigint not null
);

create table person (
    id text collate "C" primary key,
    full_name text not null,
    created bigint not null,
    updated bigint not null
);

-- What a person may do in a team: a text of `0` and `1`, a place for each number of a scope.
create table membership (
    person text collate "C" not null,
    team text collate "C" not null,
    scopes text not null,
    primary key (person, team)
);
create index membership_team on membership (team, person);

-- Hashes of refresh tokens, never tokens. A use changes no index, and there is room on the page for
-- what a token becomes.
create table refresh_token (
    number bigint generated always as identity primary key,
    hash text collate "C" not null unique,
    person text collate "C" not null,
    created bigint not null,
    last_used bigint not null,
    revoked bigint
) with (fillfactor = 50);
create index refresh_token_person on refresh_token (person, number);
