create table account (
    key bigint generated always as identity not null,
    id text collate "C" not null,
    team text not null,
    tier text not null,
    transport text not null,
    settings text not null,
    created bigint not null,
    ended smallint not null,
    has_login boolean not null,
    login bigint not null,
    history_kept bigint not null,
    opening bigint not null,
    opening_over boolean not null,
    brings_history boolean not null,
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
    decision bigint,
    head_due bigint default '-9223372036854775808'::bigint not null,
    head_number bigint default 0 not null,
    line_end bigint default '-1'::integer not null,
    line_due bigint default 0 not null,
    count_waiting bigint default 0 not null,
    count_sent bigint default 0 not null,
    count_delivered bigint default 0 not null,
    count_read bigint default 0 not null,
    count_failed bigint default 0 not null,
    count_cancelled bigint default 0 not null,
    count_notes bigint default 0 not null,
    count_history bigint default 0 not null,
    count_live bigint default 0 not null
);
create table chat_gap (
    account bigint not null,
    chat text collate "C" not null,
    until bigint not null
);
create table contact (
    account bigint not null,
    id text collate "C" not null,
    name text not null
);
create table counted (
    account bigint not null,
    period bigint not null,
    count bigint not null
);
create table creation (
    team text collate "C" not null,
    key text collate "C" not null,
    account text not null,
    asked text not null,
    at bigint not null
);
create table decision (
    entry bigint not null,
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
create table invoice (
    team text collate "C" not null,
    period text collate "C" not null,
    invoice text not null
);
create table life (
    team text collate "C" not null,
    entry bigint not null,
    account bigint not null,
    at bigint not null,
    step smallint not null,
    tier text
);
create table membership (
    person text collate "C" not null,
    team text collate "C" not null,
    scopes text not null
);
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
    team bigint not null,
    accepted bigint not null,
    placed bigint not null,
    attachments smallint not null,
    edited bigint,
    resolved_by text,
    resolved_at bigint
);
create table outcome (
    decision bigint not null,
    outcome text not null,
    at bigint not null
);
create table person (
    id text collate "C" not null,
    full_name text not null,
    created bigint not null,
    updated bigint not null
);
create table policy (
    policy bigint generated always as identity not null,
    component text not null,
    catalog text not null
);
create table profile (
    account bigint not null,
    nickname text not null,
    sought text not null,
    created_by text not null,
    team text not null,
    updated bigint not null,
    archived bigint,
    last_login bigint,
    last_logout bigint,
    last_closed bigint,
    qr text default ''::text not null,
    error text default ''::text not null,
    sync_expected bigint default 0 not null,
    sync_last bigint
);
create table refresh_token (
    number bigint generated always as identity not null,
    hash text collate "C" not null,
    person text collate "C" not null,
    created bigint not null,
    last_used bigint not null,
    revoked bigint
);
create table runner (
    epoch bigint generated always as identity not null,
    beats bigint not null,
    is_gone boolean not null
);
create table team (
    id text collate "C" not null,
    entries bigint not null,
    last_at bigint not null
);
create table team_profile (
    id text collate "C" not null,
    name text not null,
    region text not null,
    metadata text not null,
    created bigint not null,
    updated bigint not null
);
create table tierwise_store (
    is_one boolean not null,
    version bigint not null
);
create table waiting (
    account bigint not null,
    due bigint not null,
    number bigint not null
);
alter table account add constraint account_id_key UNIQUE (id);
alter table account add constraint account_pkey PRIMARY KEY (key);
alter table chat_gap add constraint chat_gap_pkey PRIMARY KEY (account, chat);
alter table contact add constraint contact_pkey PRIMARY KEY (account, id);
alter table counted add constraint counted_pkey PRIMARY KEY (account, period);
alter table creation add constraint creation_pkey PRIMARY KEY (team, key);
alter table decision add constraint decision_pkey PRIMARY KEY (entry);
alter table invoice add constraint invoice_pkey PRIMARY KEY (team, period);
alter table life add constraint life_pkey PRIMARY KEY (team, entry);
alter table membership add constraint membership_pkey PRIMARY KEY (person, team);
alter table message add constraint message_pkey PRIMARY KEY (account, number);
alter table outcome add constraint outcome_pkey PRIMARY KEY (decision);
alter table person add constraint person_pkey PRIMARY KEY (id);
alter table policy add constraint policy_component_catalog_key UNIQUE (component, catalog);
alter table policy add constraint policy_pkey PRIMARY KEY (policy);
alter table profile add constraint profile_pkey PRIMARY KEY (account);
alter table refresh_token add constraint refresh_token_hash_key UNIQUE (hash);
alter table refresh_token add constraint refresh_token_pkey PRIMARY KEY (number);
alter table runner add constraint runner_pkey PRIMARY KEY (epoch);
alter table team add constraint team_pkey PRIMARY KEY (id);
alter table team_profile add constraint team_profile_pkey PRIMARY KEY (id);
alter table tierwise_store add constraint tierwise_store_is_one_check CHECK (is_one);
alter table tierwise_store add constraint tierwise_store_pkey PRIMARY KEY (is_one);
alter table waiting add constraint waiting_pkey PRIMARY KEY (account, due, number);
CREATE INDEX account_held ON account USING btree (key) WHERE (held_why IS NOT NULL);
CREATE INDEX account_opening ON account USING btree (opening_by, key) WHERE (opening_by IS NOT NULL);
CREATE INDEX account_out ON account USING btree (owner, key) WHERE (owner IS NOT NULL);
CREATE INDEX account_ready ON account USING btree (next_at, key) WHERE (next_at IS NOT NULL);
CREATE INDEX account_removal ON account USING btree (key) WHERE (removal <> 0);
CREATE INDEX account_team ON account USING btree (team, key);
CREATE INDEX creation_at ON creation USING btree (at);
CREATE INDEX life_tier ON life USING btree (tier) WHERE (tier IS NOT NULL);
CREATE INDEX membership_team ON membership USING btree (team, person);
CREATE INDEX message_chat ON message USING btree (account, chat, placed, number);
CREATE INDEX message_network ON message USING btree (account, network_id) WHERE (network_id <> ''::text);
CREATE INDEX message_team ON message USING btree (team, accepted, account, number);
CREATE INDEX refresh_token_person ON refresh_token USING btree (person, number);
CREATE UNIQUE INDEX message_id ON message USING btree (id, account);
alter table account set (fillfactor=60, autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=1000, autovacuum_vacuum_cost_delay=0);
alter table chat_gap set (fillfactor=50);
alter table message set (fillfactor=50);
alter table refresh_token set (fillfactor=50);
alter table runner set (fillfactor=10);
alter table waiting set (autovacuum_vacuum_scale_factor=0.01, autovacuum_vacuum_threshold=10000, autovacuum_vacuum_cost_delay=0);
insert into account (key, id, team, tier, transport, settings, created, ended, has_login, login, history_kept, opening, opening_over, brings_history, opening_by, connection, is_paused, next_number, fence, out_number, out_attempt, out_fence, out_period, out_counted, owner, tried_number, tried_times, tried_again, gap_until, turn, held_why, held_until, held_reason, used_period, used_count, removal, next_at, decision, head_due, head_number, line_end, line_due, count_waiting, count_sent, count_delivered, count_read, count_failed, count_cancelled, count_notes, count_history, count_live) overriding system value values ('1', '019de09ed9807e919055f9f1aaa837ae', 'team', 'unlimited_msg_no_chat_history', 'mock', '{}', '1777590000000', '0', 'true', '1', '0', '0', 'false', 'true', NULL, '2', 'true', '4', '1', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '1777590000000', NULL, NULL, '', '20544', '1', '0', NULL, '1099511627777', '1777590000000', '1', '2', '1777590000000', '1', '1', '0', '0', '0', '0', '1', '0', '0');
insert into account (key, id, team, tier, transport, settings, created, ended, has_login, login, history_kept, opening, opening_over, brings_history, opening_by, connection, is_paused, next_number, fence, out_number, out_attempt, out_fence, out_period, out_counted, owner, tried_number, tried_times, tried_again, gap_until, turn, held_why, held_until, held_reason, used_period, used_count, removal, next_at, decision, head_due, head_number, line_end, line_due, count_waiting, count_sent, count_delivered, count_read, count_failed, count_cancelled, count_notes, count_history, count_live) overriding system value values ('2', '019de09ed9807a3a8541c66a261a34eb', 'team', 'unlimited_msg_no_chat_history', 'mock', '{}', '1777590000000', '1', 'false', '0', '0', '0', 'true', 'false', NULL, '0', 'false', '1', '0', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '0', '0', NULL, NULL, '', '0', '0', '0', NULL, NULL, '-9223372036854775808', '0', '-1', '0', '0', '0', '0', '0', '0', '0', '0', '0', '0');
insert into chat_gap (account, chat, until) overriding system value values ('1', 'chat', '1777590000000');
insert into contact (account, id, name) overriding system value values ('1', 'c1', 'Zoë''s "name"');
insert into decision (entry, previous, account, fence, policy, tier, sent, counted, size, attempt, number, due, now, period_end, created, answer, gap_or_until, chat_gap, reason, runner) overriding system value values ('1099511627777', NULL, '1', '1', '1', 'unlimited_msg_no_chat_history', '0', 'false', '13', '1', '1', '1777590000000', '1777590000000', '1777593600000', '1777590000000', '0', '0', '0', '', '1');
insert into invoice (team, period, invoice) overriding system value values ('team', '2026-03', '{"kept":true}');
insert into life (team, entry, account, at, step, tier) overriding system value values ('team', '1', '1', '1777590000000', '0', 'unlimited_msg_no_chat_history');
insert into life (team, entry, account, at, step, tier) overriding system value values ('team', '2', '2', '1777590000000', '0', 'unlimited_msg_no_chat_history');
insert into life (team, entry, account, at, step, tier) overriding system value values ('team', '3', '2', '1777590000000', '2', NULL);
insert into membership (person, team, scopes) overriding system value values ('ann', 'team', '00000000000000000000000000000001');
insert into message (account, number, id, chat, origin, status, at, content, sender, error, counted, network_id, cancel_on_reply, revision, login, team, accepted, placed, attachments, edited, resolved_by, resolved_at) overriding system value values ('1', '1', 'm1', 'chat', '0', '1', '1777590000000', '{"text":"m1"}', '', '', '20544', 'n1', 'false', '1', '0', '-422254319091334356', '1777590000000', '1777590000000', '0', NULL, NULL, NULL);
insert into message (account, number, id, chat, origin, status, at, content, sender, error, counted, network_id, cancel_on_reply, revision, login, team, accepted, placed, attachments, edited, resolved_by, resolved_at) overriding system value values ('1', '2', 'm2', 'chat', '0', '0', '1777590000000', '{"text":"m2"}', '', '', NULL, '', 'false', '0', '0', '-422254319091334356', '1777590000000', '1777590000000', '0', NULL, NULL, NULL);
insert into message (account, number, id, chat, origin, status, at, content, sender, error, counted, network_id, cancel_on_reply, revision, login, team, accepted, placed, attachments, edited, resolved_by, resolved_at) overriding system value values ('1', '3', 'note', 'chat', '0', '6', '1777590000000', '{"text":"note"}', '', '', NULL, '', 'false', '0', '0', '-422254319091334356', '1777590000000', '1777590000000', '0', NULL, NULL, NULL);
insert into outcome (decision, outcome, at) overriding system value values ('1099511627777', 'delivered', '1777590000000');
insert into person (id, full_name, created, updated) overriding system value values ('ann', 'Ann''s "name"', '1777590000000', '1777590000000');
insert into policy (policy, component, catalog) overriding system value values ('1', '33b30af6985fcef362b19c0d7df4b5781a8f9cb201935dd0bc41f7c4e0bc112d', 'fb732ccf0942ea838954f6d5f46f9eeaadd421dc6c2fe36f752c3770a95a8de4');
insert into profile (account, nickname, sought, created_by, team, updated, archived, last_login, last_logout, last_closed, qr, error, sync_expected, sync_last) overriding system value values ('1', '', '', '', 'team', '1777590000000', NULL, '1777590000000', NULL, NULL, '', '', '0', NULL);
insert into profile (account, nickname, sought, created_by, team, updated, archived, last_login, last_logout, last_closed, qr, error, sync_expected, sync_last) overriding system value values ('2', '', '', '', 'team', '1777590000000', '1777590000000', NULL, NULL, NULL, '', '', '0', NULL);
insert into refresh_token (number, hash, person, created, last_used, revoked) overriding system value values ('1', '3c469e9d6c5875d37a43f353d4f88e61fcf812c66eee3457465a40b0da4153e0', 'ann', '1777590000000', '1777590000000', NULL);
insert into refresh_token (number, hash, person, created, last_used, revoked) overriding system value values ('2', '4bb47f186df233e48b09d241ee4defb821add0c35ac8311469fe1522c6813dd5', 'ann', '1777590000000', '1777590000000', '1777590000000');
insert into runner (epoch, beats, is_gone) overriding system value values ('1', '5', 'true');
insert into team (id, entries, last_at) overriding system value values ('team', '3', '1777590000000');
insert into team_profile (id, name, region, metadata, created, updated) overriding system value values ('team', 'team', 'ZZ', '{"a":1}', '1777590000000', '1777590000000');
insert into tierwise_store (is_one, version) overriding system value values ('true', '1');
insert into waiting (account, due, number) overriding system value values ('1', '1777590000000', '1');
insert into waiting (account, due, number) overriding system value values ('1', '1777590000000', '2');
select setval(pg_get_serial_sequence('account', 'key'), (select max(key) from account));
select setval(pg_get_serial_sequence('policy', 'policy'), (select max(policy) from policy));
select setval(pg_get_serial_sequence('refresh_token', 'number'), (select max(number) from refresh_token));
select setval(pg_get_serial_sequence('runner', 'epoch'), (select max(epoch) from runner));
