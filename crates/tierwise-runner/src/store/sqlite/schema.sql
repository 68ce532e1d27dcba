-- Version 1. Times are milliseconds since 1970 in UTC.
create table policy (
    policy integer primary key,
    component text not null,
    catalog text not null,
    unique (component, catalog)
) strict;

create table runner (
    epoch integer primary key autoincrement,
    beats integer not null,
    is_gone integer not null
) strict;

create table team (
    id text primary key,
    entries integer not null,
    last_at integer not null
) strict, without rowid;

-- The row of an account is its lane: everything about an account changes with it.
create table account (
    key integer primary key,
    id text not null unique,
    team text not null,
    tier text not null,
    transport text not null,
    settings text not null,
    created integer not null,
    ended integer not null,
    has_login integer not null,
    login integer not null,
    history_kept integer not null,
    -- Its last opening, and what may come of it.
    opening integer not null,
    opening_over integer not null,
    brings_history integer not null,
    -- The runner that is asking a transport to connect it.
    opening_by integer,
    connection integer not null,
    is_paused integer not null,
    next_number integer not null,
    fence integer not null,
    out_number integer,
    out_attempt integer,
    out_fence integer,
    out_period integer,
    out_counted integer,
    owner integer,
    tried_number integer,
    tried_times integer,
    tried_again integer,
    gap_until integer not null,
    turn integer not null,
    held_why integer,
    held_until integer,
    held_reason text not null,
    used_period integer not null,
    used_count integer not null,
    removal integer not null,
    next_at integer,
    -- Its last entry in `decision`.
    decision integer,
    -- How many messages it has that are there for everybody: written here, by what they are; that
    -- came with its login; that were received after it.
    count_waiting integer not null default 0,
    count_sent integer not null default 0,
    count_delivered integer not null default 0,
    count_read integer not null default 0,
    count_failed integer not null default 0,
    count_cancelled integer not null default 0,
    count_notes integer not null default 0,
    count_history integer not null default 0,
    count_live integer not null default 0
) strict;
create index account_ready on account (next_at) where next_at is not null;
create index account_opening on account (opening_by) where opening_by is not null;
create index account_removal on account (key) where removal <> 0;
create index account_team on account (team, key);

-- What people see of an account; the queue does not read it.
create table profile (
    account integer primary key,
    nickname text not null,
    -- The name as it is searched in: in lower case.
    sought text not null,
    created_by text not null,
    team text not null,
    updated integer not null,
    archived integer,
    last_login integer,
    last_logout integer,
    last_closed integer,
    qr text not null default '',
    error text not null default '',
    sync_expected integer not null default 0,
    sync_last integer
) strict;

-- Creations of the last day that carried a key: hashes of the key and of what was asked for, as
-- they stay when the account is deleted.
create table creation (
    team text not null,
    key text not null,
    account text not null,
    asked text not null,
    at integer not null,
    primary key (team, key)
) strict, without rowid;
create index creation_at on creation (at);

-- In the order in which they were accepted, so that those that many accounts send at the same time
-- lie on few pages; and no index holds what changes as a message is sent.
create table message (
    place integer primary key,
    account integer not null,
    number integer not null,
    id text not null,
    chat text not null,
    origin integer not null,
    status integer not null,
    at integer not null,
    content text not null,
    sender text not null,
    error text not null,
    counted integer,
    network_id text not null,
    cancel_on_reply integer not null,
    revision integer not null,
    login integer not null,
    -- Stands for the account's team; two teams may have the same.
    team integer not null,
    -- When it was stored, and the time with which it was: neither ever changes.
    accepted integer not null,
    placed integer not null,
    attachments integer not null,
    edited integer,
    resolved_by text,
    resolved_at integer
) strict;
create unique index message_number on message (account, number);
-- New ids follow one another: beside each other, whosever they are.
create unique index message_id on message (id, account);
create index message_chat on message (account, chat, placed, number);
-- Those that come lie beside each other at the end of each team's.
create index message_team on message (team, accepted, account, number);
create index message_network on message (account, network_id) where network_id <> '';

-- Every message that waits is here. One that does not wait any more may be, too: rows are removed
-- many at a time, as each is on a page of its own account.
create table waiting (
    account integer not null,
    due integer not null,
    number integer not null,
    place integer not null,
    primary key (account, due, number)
) strict, without rowid;

-- When a chat may be tried again; of accounts whose policy keeps gaps of chats. Written as a
-- message goes out; rows whose time has long passed are removed many at a time.
create table chat_gap (
    account integer not null,
    chat text not null,
    until integer not null,
    primary key (account, chat)
) strict, without rowid;

create table contact (
    account integer not null,
    id text not null,
    name text not null,
    primary key (account, id)
) strict, without rowid;

-- What was asked and decided about each message, and what became of it. Append only. The last entry
-- of an account stands with the account, and each names the one before it.
create table decision (
    entry integer primary key,
    previous integer,
    account integer not null,
    fence integer not null,
    policy integer not null,
    tier text not null,
    sent integer not null,
    counted integer not null,
    size integer not null,
    attempt integer not null,
    number integer not null,
    due integer not null,
    now integer not null,
    period_end integer not null,
    created integer not null,
    answer integer not null,
    gap_or_until integer not null,
    chat_gap integer not null,
    reason text not null,
    runner integer not null
) strict;

create table outcome (
    decision integer primary key,
    outcome text not null,
    at integer not null
) strict;

-- Each team's ledger of account-days. Append only.
create table life (
    team text not null,
    entry integer not null,
    account integer not null,
    at integer not null,
    step integer not null,
    tier text,
    primary key (team, entry)
) strict, without rowid;
-- Which tiers there are, without a look at every entry.
create index life_tier on life (tier) where tier is not null;

-- What was counted in periods that have ended; the running one stands with the account.
create table counted (
    account integer not null,
    period integer not null,
    count integer not null,
    primary key (account, period)
) strict, without rowid;

-- Invoices of periods that have ended. Append only.
create table invoice (
    team text not null,
    period text not null,
    invoice text not null,
    primary key (team, period)
) strict, without rowid;

-- Teams as people know them; a team's ledger stands in `team`.
create table team_profile (
    id text primary key,
    name text not null,
    region text not null,
    metadata text not null,
    created integer not null,
    updated integer not null
) strict, without rowid;

create table person (
    id text primary key,
    full_name text not null,
    created integer not null,
    updated integer not null
) strict, without rowid;

-- What a person may do in a team: a text of `0` and `1`, a place for each number of a scope.
create table membership (
    person text not null,
    team text not null,
    scopes text not null,
    primary key (person, team)
) strict, without rowid;
create index membership_team on membership (team, person);

-- Hashes of refresh tokens, never tokens. A use changes no index.
create table refresh_token (
    number integer primary key,
    hash text not null unique,
    person text not null,
    created integer not null,
    last_used integer not null,
    revoked integer
) strict;
create index refresh_token_person on refresh_token (person, number);
