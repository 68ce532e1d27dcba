CREATE TABLE policy (
    policy integer primary key,
    component text not null,
    catalog text not null,
    unique (component, catalog)
) strict;
CREATE TABLE runner (
    epoch integer primary key autoincrement,
    beats integer not null,
    is_gone integer not null
) strict;
CREATE TABLE team (
    id text primary key,
    entries integer not null,
    last_at integer not null
) strict, without rowid;
CREATE TABLE account (
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
CREATE INDEX account_ready on account (next_at) where next_at is not null;
CREATE INDEX account_opening on account (opening_by) where opening_by is not null;
CREATE INDEX account_removal on account (key) where removal <> 0;
CREATE INDEX account_team on account (team, key);
CREATE TABLE profile (
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
CREATE TABLE creation (
    team text not null,
    key text not null,
    account text not null,
    asked text not null,
    at integer not null,
    primary key (team, key)
) strict, without rowid;
CREATE INDEX creation_at on creation (at);
CREATE TABLE message (
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
CREATE UNIQUE INDEX message_number on message (account, number);
CREATE UNIQUE INDEX message_id on message (id, account);
CREATE INDEX message_chat on message (account, chat, placed, number);
CREATE INDEX message_team on message (team, accepted, account, number);
CREATE INDEX message_network on message (account, network_id) where network_id <> '';
CREATE TABLE waiting (
    account integer not null,
    due integer not null,
    number integer not null,
    place integer not null,
    primary key (account, due, number)
) strict, without rowid;
CREATE TABLE chat_gap (
    account integer not null,
    chat text not null,
    until integer not null,
    primary key (account, chat)
) strict, without rowid;
CREATE TABLE contact (
    account integer not null,
    id text not null,
    name text not null,
    primary key (account, id)
) strict, without rowid;
CREATE TABLE decision (
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
CREATE TABLE outcome (
    decision integer primary key,
    outcome text not null,
    at integer not null
) strict;
CREATE TABLE life (
    team text not null,
    entry integer not null,
    account integer not null,
    at integer not null,
    step integer not null,
    tier text,
    primary key (team, entry)
) strict, without rowid;
CREATE INDEX life_tier on life (tier) where tier is not null;
CREATE TABLE counted (
    account integer not null,
    period integer not null,
    count integer not null,
    primary key (account, period)
) strict, without rowid;
CREATE TABLE invoice (
    team text not null,
    period text not null,
    invoice text not null,
    primary key (team, period)
) strict, without rowid;
CREATE TABLE team_profile (
    id text primary key,
    name text not null,
    region text not null,
    metadata text not null,
    created integer not null,
    updated integer not null
) strict, without rowid;
CREATE TABLE person (
    id text primary key,
    full_name text not null,
    created integer not null,
    updated integer not null
) strict, without rowid;
CREATE TABLE membership (
    person text not null,
    team text not null,
    scopes text not null,
    primary key (person, team)
) strict, without rowid;
CREATE INDEX membership_team on membership (team, person);
CREATE TABLE refresh_token (
    number integer primary key,
    hash text not null unique,
    person text not null,
    created integer not null,
    last_used integer not null,
    revoked integer
) strict;
CREATE INDEX refresh_token_person on refresh_token (person, number);
insert into policy values (1, '33b30af6985fcef362b19c0d7df4b5781a8f9cb201935dd0bc41f7c4e0bc112d', 'fb732ccf0942ea838954f6d5f46f9eeaadd421dc6c2fe36f752c3770a95a8de4');
insert into runner values (1, 0, 1);
insert into sqlite_sequence values ('runner', 1);
insert into team values ('team', 3, 1777590000000);
insert into account values (1, '019de09ed9807c67a82fcd3c62c899a7', 'team', 'unlimited_msg_no_chat_history', 'mock', '{}', 1777590000000, 0, 1, 1, 0, 0, 0, 1, NULL, 2, 1, 4, 1, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 1777590000000, NULL, NULL, '', 20544, 1, 0, NULL, 1, 1, 1, 0, 0, 0, 0, 1, 0, 0);
insert into account values (2, '019de09ed98074d3853704613a0caa30', 'team', 'unlimited_msg_no_chat_history', 'mock', '{}', 1777590000000, 1, 0, 0, 0, 0, 1, 0, NULL, 0, 0, 1, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, '', 0, 0, 0, NULL, NULL, 0, 0, 0, 0, 0, 0, 0, 0, 0);
insert into profile values (1, '', '', '', 'team', 1777590000000, NULL, 1777590000000, NULL, NULL, '', '', 0, NULL);
insert into profile values (2, '', '', '', 'team', 1777590000000, 1777590000000, NULL, NULL, NULL, '', '', 0, NULL);
insert into message values (1, 1, 1, 'm1', 'chat', 0, 1, 1777590000000, '{"text":"m1"}', '', '', 20544, 'n1', 0, 1, 0, -422254319091334356, 1777590000000, 1777590000000, 0, NULL, NULL, NULL);
insert into message values (2, 1, 2, 'm2', 'chat', 0, 0, 1777590000000, '{"text":"m2"}', '', '', NULL, '', 0, 0, 0, -422254319091334356, 1777590000000, 1777590000000, 0, NULL, NULL, NULL);
insert into message values (3, 1, 3, 'note', 'chat', 0, 6, 1777590000000, '{"text":"note"}', '', '', NULL, '', 0, 0, 0, -422254319091334356, 1777590000000, 1777590000000, 0, NULL, NULL, NULL);
insert into waiting values (1, 1777590000000, 1, 1);
insert into waiting values (1, 1777590000000, 2, 2);
insert into chat_gap values (1, 'chat', 1777590000000);
insert into contact values (1, 'c1', 'Zoë''s "name"');
insert into decision values (1, NULL, 1, 1, 1, 'unlimited_msg_no_chat_history', 0, 0, 13, 1, 1, 1777590000000, 1777590000000, 1777593600000, 1777590000000, 0, 0, 0, '', 1);
insert into outcome values (1, 'delivered', 1777590000000);
insert into life values ('team', 1, 1, 1777590000000, 0, 'unlimited_msg_no_chat_history');
insert into life values ('team', 2, 2, 1777590000000, 0, 'unlimited_msg_no_chat_history');
insert into life values ('team', 3, 2, 1777590000000, 2, NULL);
insert into invoice values ('team', '2026-03', '{"kept":true}');
insert into team_profile values ('team', 'team', 'ZZ', '{"a":1}', 1777590000000, 1777590000000);
insert into person values ('ann', 'Ann''s "name"', 1777590000000, 1777590000000);
insert into membership values ('ann', 'team', '00000000000000000000000000000001');
insert into refresh_token values (1, '3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0', 'ann', 1777590000000, 1777590000000, NULL);
insert into refresh_token values (2, '4bb47f186df233e48b09d241ee4defb821add0c35ac8311469fe1522c6813dd5', 'ann', 1777590000000, 1777590000000, 1777590000000);
pragma application_id = 1417113905;
pragma user_version = 1;
