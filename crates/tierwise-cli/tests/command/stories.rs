//! Random stories of accounts, the same for the same seed, and ways to write them as a log.

use crate::{HISTORY, LIMITED};

const TIERS: [&str; 3] = [LIMITED, "unlimited_msg_no_chat_history", HISTORY];

/// Numbers that look random (splitmix64): no dependency, the same everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % end as u64).unwrap()
    }
}

/// An event of a log.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    at: String,
    team: String,
    account: String,
    action: &'static str,
    tier: &'static str,
}

/// Account by account, each in order of time. No two accounts do anything at the same moment: what
/// the creation charges of one moment are depends on the order of the log.
pub(crate) fn stories(random: &mut Random, accounts: usize) -> Vec<Vec<Event>> {
    let story = |account: usize, random: &mut Random| {
        let team = format!("team {}", account % 2 + random.below(2) * 2);
        let mut minute = random.below(60 * 24 * 60);
        let mut tier = random.below(3);
        let mut events = Vec::new();
        let mut add = |minute: usize, action, tier| {
            let (day, minute) = (minute / 1440, minute % 1440);
            let (month, day) = (day / 28 + 1, day % 28 + 1);
            let (hour, minute) = (minute / 60, minute % 60);
            let at = format!("2026-{month:02}-{day:02}T{hour:02}:{minute:02}:00.{account:03}Z");
            // Some names are long, some are alike in two teams.
            let long = if account.is_multiple_of(5) {
                "a name of many letters, to tell it apart "
            } else {
                ""
            };
            let account = format!("{long}\"{}\" \\", account / 2);
            events.push(Event { at, team: team.clone(), account, action, tier });
        };
        add(minute, "create", TIERS[tier]);
        for _ in 0..random.below(8) {
            minute += 1 + random.below(3000);
            tier = (tier + 1 + random.below(2)) % 3;
            add(minute, "tier", TIERS[tier]);
        }
        for ending in ["archive", "delete"] {
            if random.below(3) == 0 {
                minute += random.below(3000);
                add(minute, ending, "");
            }
        }
        events
    };
    (0..accounts).map(|account| story(account, random)).collect()
}

/// The stories, mixed at random; each account's events stay in order.
pub(crate) fn interleaved(random: &mut Random, stories: &[Vec<Event>]) -> Vec<Event> {
    let mut left: Vec<_> = stories.iter().map(|story| story.iter()).collect();
    let mut mixed = Vec::new();
    while !left.is_empty() {
        let chosen = random.below(left.len());
        match left[chosen].next() {
            Some(event) => mixed.push(event.clone()),
            None => drop(left.swap_remove(chosen)),
        }
    }
    mixed
}

/// The stories in order of time.
pub(crate) fn by_time(stories: &[Vec<Event>]) -> Vec<Event> {
    let mut events = stories.concat();
    events.sort_by(|left, right| left.at.cmp(&right.at));
    events
}

pub(crate) fn as_csv(events: &[Event]) -> String {
    let line = |event: &Event| {
        let Event { at, team, account, action, tier } = event;
        let account = account.replace('"', "\"\"");
        format!("{at},{team},\"{account}\",{action},{tier}\n")
    };
    let lines: String = events.iter().map(line).collect();
    "at,team,account,do,tier\n".to_owned() + &lines
}

pub(crate) fn as_jsonl(events: &[Event]) -> String {
    let line = |event: &Event| {
        let Event { at, team, account, action, tier } = event;
        let mut line =
            serde_json::json!({"at": at, "team": team, "account": account, "do": action});
        if !tier.is_empty() {
            line["tier"] = (*tier).into();
        }
        line.to_string() + "\n"
    };
    events.iter().map(line).collect()
}
