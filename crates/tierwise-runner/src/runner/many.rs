//! All messages of a status of a team wait again, or are removed: read beside the flushes, and
//! changed a part at a time.

use tierwise_lanes::Moment;

use super::{
    Failure, Handle,
    listing::{LOOKED_AT, part_of},
};
use crate::{
    flush::edge::is_name,
    model::{AccountKey, Status},
    request::{Answer, Many, ManyChange, Request},
    store::{Reader, Stored, TeamMessagesAsked, TeamPart, TeamPlace},
};

/// Messages that one flush changes at most.
const PART: u32 = 500;

/// Which messages of a team a change of many is about, beside their status.
#[derive(Clone, Debug, Default)]
pub struct Narrowed {
    /// Only those of this account.
    pub account: Option<String>,
    /// Only those of this chat.
    pub chat: Option<String>,
}

/// Where a part begins, and up to where it looks, if that is known.
type From = (TeamPlace, Option<TeamPlace>);

/// Messages to be changed, and where the next ones are.
type Found = (Vec<(AccountKey, u64)>, Option<From>);

impl Handle {
    /// Has all messages of a team that have a status wait, due at a moment or now: how many.
    /// Those that are out and those of archived accounts stay as they are. A limit is looked at
    /// when each one's turn comes (Q5). Refused: `bad_request`, `store_away`; gone, if that is so
    /// after some were changed.
    pub async fn retry_many(
        &self,
        team: &str,
        status: Status,
        due: Option<Moment>,
    ) -> Result<u64, Failure> {
        let narrowed = Narrowed::default();
        self.change_many(team, status, &narrowed, ManyChange::Retry { due }).await
    }

    /// Removes all messages of a team that have a status: how many. Those that are out and those
    /// of archived accounts stay. Refused: `store_away`; gone, if that is so after some were
    /// removed.
    pub async fn clear_many(
        &self,
        team: &str,
        status: Status,
        narrowed: &Narrowed,
    ) -> Result<u64, Failure> {
        self.change_many(team, status, narrowed, ManyChange::Clear).await
    }

    async fn change_many(
        &self,
        team: &str,
        status: Status,
        narrowed: &Narrowed,
        change: ManyChange,
    ) -> Result<u64, Failure> {
        let Narrowed { account, chat } = narrowed.clone();
        if !is_name(chat.as_deref().unwrap_or_default()) {
            // No chat can be called so.
            return Ok(0);
        }
        let (of, statuses) = (team.to_owned(), vec![status]);
        let asked =
            TeamMessagesAsked { team: of, account, chat, statuses, before: None, most: PART };
        let (mut changed, mut from) = (0, Some((TeamPlace::START, None)));
        // What is stored meanwhile stands before the place that is gone on from.
        while let Some(place) = from {
            let asked = asked.clone();
            let found = self.count(move |reader| find(reader, &asked, place)).await;
            let (messages, next) = found.map_err(|failure| broken_off(failure, changed))?;
            from = next;
            if messages.is_empty() {
                continue;
            }
            let many = Many { team: team.to_owned(), status, messages, change };
            let answer = self.ask(Request::Many(many)).await;
            if let Answer::Counted(count) = answer.map_err(|error| broken_off(error, changed))? {
                changed += count;
            }
        }
        Ok(changed)
    }
}

/// Why it ends. Once something has changed, it is not said that nothing has happened.
fn broken_off(failure: Failure, changed: u64) -> Failure {
    if changed == 0 { failure } else { Failure::Gone }
}

fn find(
    reader: &mut dyn Reader,
    asked: &TeamMessagesAsked,
    (before, known_end): From,
) -> Stored<Found> {
    let Some(part) = part_of(reader, asked, before)? else { return Ok((Vec::new(), None)) };
    let end = match known_end {
        Some(end) => Some(end),
        None => reader.team_place(&part, LOOKED_AT)?,
    };
    let part = TeamPart { to: end.unwrap_or(TeamPlace::END), ..part };
    let places = reader.places_of_team(&part)?;
    let is_full = u32::try_from(places.len()).is_ok_and(|found| found == asked.most);
    let next = match places.last() {
        Some(last) if is_full => Some((*last, end)),
        _ => end.map(|end| (end, None)),
    };
    Ok((places.iter().map(|place| (place.account, place.number)).collect(), next))
}
